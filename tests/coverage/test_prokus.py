"""Intervals of the study `prokus` against its truth in a few samples; a hundred are in docs/methods/evaluation.md."""

import pytest
from monte_carlo import lowest
from monte_carlo_prokus import FIRST_SEED, families, headlines, inside, truth

SEEDS, VILLAGES = 2, 100


@pytest.fixture(scope="module")
def true():
    return truth()


def test_intervals_hold_what_is_true_of_the_law(true):
    found = [
        inside(low, high, true[name, term])
        for seed in range(FIRST_SEED, FIRST_SEED + SEEDS)
        for name, own in families(seed, VILLAGES).items()
        for name, term, _estimate, low, high in headlines(name, own)
    ]
    assert sum(found) / len(found) >= lowest(len(found), 0.95, 1)


def test_a_plain_difference_of_means_misses_it(true):
    """The confounding is real: nobody is covered who holds nothing equal."""
    from kesos_research.methods import intention_to_treat

    for name, own in families(FIRST_SEED).items():
        reached = own[own["terwawancara"]]
        plain = intention_to_treat(
            reached, outcome="penghasilan_akhir", treated="ditawari", adjustment="difference", cluster="desa"
        ).row(term="treated")
        assert plain.conf_low > true[name, "itt.penghasilan"]

"""What a test found in one sentence: effect and interval always there, no causal word, silence measured."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research import methods, report
from kesos_research.disclosure import Published, protect
from kesos_research.errors import DisclosureError, DocumentError
from kesos_research.language import words

RULE = Published(source=words(id="BPS", en="BPS"))
CAUSAL = ("menurunkan", "menaikkan", "mengurangi", "meningkatkan", "pengaruh", "dampak", "akibat", "menyebabkan")
CAUSAL_EN = ("effect", "reduce", "increase", "cause", "impact", "due to", "led to")


def rows(n=60, shift=0.0, seed=1):
    rng = np.random.default_rng(seed)
    group = np.repeat(["a", "b"], n // 2)
    x = rng.normal(10, 2, n) + shift * (group == "a")
    return pd.DataFrame(
        {
            "group": group,
            "zone": rng.choice(["u", "v", "w"], n),
            "kind": np.where(rng.random(n) < 0.5 + 0.4 * np.sign(shift) * (group == "a"), "yes", "no"),
            "x": x,
            "x_before": x - shift + rng.normal(0, 1, n),
            "y": rng.normal(0, 1, n) + shift * (x - 10),
            "was": rng.integers(0, 2, n),
            "is": rng.integers(0, 2, n) | int(shift > 0),
        }
    )


CALLS = {
    "welch_t": lambda d: methods.welch_t(d, of="x", group="group"),
    "paired_t": lambda d: methods.paired_t(d, of="x", against="x_before"),
    "one_sample_t": lambda d: methods.one_sample_t(d, of="x", value=10.0),
    "mann_whitney": lambda d: methods.mann_whitney(d, of="x", group="group"),
    "wilcoxon": lambda d: methods.wilcoxon(d, of="x", against="x_before"),
    "anova": lambda d: methods.anova(d, of="x", group="zone"),
    "kruskal_wallis": lambda d: methods.kruskal_wallis(d, of="x", group="zone"),
    "cross_table": lambda d: methods.cross_table(d, of="kind", group="group"),
    "correlation": lambda d: methods.correlation(d, of="x", against="y"),
    "mcnemar": lambda d: methods.mcnemar(d, of="is", against="was"),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("shift", [0.0, 2.0, -2.0])
def test_every_sentence_has_effect_interval_p_and_no_causal_word(name, shift):
    said = report.reading(protect(CALLS[name](rows(shift=shift)), rule=RULE))
    for lang, causal, interval in (("id", CAUSAL, "SK 95%"), ("en", CAUSAL_EN, "95% CI")):
        text = said[lang]
        assert interval in text
        assert re.search(r"p (=|<) 0[,.]\d+", text)
        assert "n = 60" in text
        assert not [word for word in causal if word in text.lower()]
        assert "signifi" not in text.lower()
        assert text.count(".") >= 1
        assert text.endswith(".")


def test_directions():
    up = report.reading(protect(CALLS["welch_t"](rows(shift=2.0)), rule=RULE))
    down = report.reading(protect(CALLS["welch_t"](rows(shift=-2.0)), rule=RULE))
    assert up["en"].startswith("The first group is higher")
    assert down["id"].startswith("Kelompok pertama lebih rendah")


def test_nothing_found_says_what_could_have_been():
    answer = CALLS["welch_t"](rows(seed=3))
    row = answer.table.iloc[0]
    assert row.p_value > 0.05
    said = report.reading(protect(answer, rule=RULE))
    assert said["en"].startswith("No difference was found")
    size = (stats.t.ppf(0.975, row.df) + stats.t.ppf(0.8, row.df)) * row.std_error
    assert f"a difference of {size:.2f} with a probability of 80%" in said["en"]
    power = stats.nct.sf(stats.t.ppf(0.975, row.df), row.df, size / row.std_error)
    assert power == pytest.approx(0.8, abs=0.01)


def test_effect_sizes_without_an_error_tell_their_interval():
    said = report.reading(protect(CALLS["cross_table"](rows(seed=2)), rule=RULE))
    assert "compatible with anything in [" in said["en"]


def test_one_test_at_a_time():
    answer = methods.welch_t(rows(), of="x", group="group", by="zone")
    with pytest.raises(DocumentError, match=r"3 rows|3 baris"):
        report.reading(protect(answer, rule=RULE))
    said = report.reading(protect(answer, rule=RULE).only(zone="u"))
    assert "n = " in said["en"]
    with pytest.raises(DisclosureError):
        report.reading(answer)


def test_reliability():
    rng = np.random.default_rng(1)
    items = pd.DataFrame(rng.normal(size=(50, 1)) + rng.normal(size=(50, 3)), columns=list("abc"))
    said = report.reading(protect(methods.cronbach_alpha(items, items=list("abc")), rule=RULE))
    assert "α = 0," in said["id"]

"""Persons behind tables: what is withheld, rounded, refused, by hand-counted rows."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.disclosure import NotPersons, PersonRule, Protected, Published, Record, SmallStudyRule, protect
from kesos_research.disclosure.audit import audit, differencing
from kesos_research.errors import DisclosureError
from kesos_research.estimates import Estimates
from kesos_research.language import words

RULE = PersonRule(decided_by="Tim", population="survei")
HOUSES = PersonRule(decided_by="Tim", population="survei", unit="household")
SMALL = SmallStudyRule(decided_by="Tim", approver="Ketua", population="survei", unit="household")


def rows(**counts: int) -> pd.DataFrame:
    """One row a person, each of a household of its own."""
    group = [g for g, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"g": group, "ruta": range(len(group)), "y": np.linspace(100, 200, len(group))})


def means(data: pd.DataFrame, by: tuple[str, ...] = ("g",), method: str = "mean", **columns: object) -> Estimates:
    parts = data.groupby(list(by)) if by else [((), data)]
    made = [{**dict(zip(by, k, strict=True)), "term": "y", "estimate": p["y"].mean(), "n": len(p)} for k, p in parts]
    return Estimates(pd.DataFrame(made).assign(**columns), method, "x", by=by)


def guarded(data: pd.DataFrame, *by: tuple[str, ...], rule=RULE, **more: object) -> tuple[Protected, ...]:
    made = protect(*(means(data, b) for b in by), rule=rule, rows=data, household="ruta", **more)
    return made if isinstance(made, tuple) else (made,)


def test_ten_are_shown_and_nine_are_not():
    (shown,) = guarded(rows(a=10, b=9, c=30), ("g",))
    assert shown.marks == ["", "withheld", ""]
    assert shown.table.loc[1, ["estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n"]].isna().all()
    assert shown.table.loc[0, "estimate"] == pytest.approx(rows(a=10, b=9, c=30)["y"][:10].mean())


def test_three_households_are_shown_and_two_are_not():
    data = rows(a=30, b=30, c=30)
    data["ruta"] = [*([0, 1] * 15), *([2, 3, 4] * 10), *range(10, 40)]
    assert guarded(data, ("g",))[0].marks == ["withheld", "", ""]


def test_a_total_held_by_two_is_withheld():
    data = rows(a=20, b=20)
    data.loc[0, "y"] = data.loc[1, "y"] = 1e6  # two hold 99.8 per cent
    assert guarded(data, ("g",), of="y")[0].marks == ["withheld", ""]
    assert guarded(data, ("g",))[0].marks == ["", ""]


def test_one_hidden_cell_beside_its_total_hides_another():
    shown, total = guarded(rows(a=40, b=9, c=30), ("g",), ())
    assert shown.marks == ["", "withheld", "withheld"]  # c is worth less than a
    assert total.marks == [""]
    assert (shown.record.primary, shown.record.secondary) == (1, 1)


def test_the_sum_of_what_is_hidden_keeps_the_rule_too():
    """3 + 4 beside a total would tell of a group of 7."""
    shown, _total = guarded(rows(a=40, b=3, c=4), ("g",), ())
    assert shown.marks == ["withheld"] * 3 or _total.marks == ["withheld"]


def test_counts_are_rounded_and_totals_are_their_sums():
    shown, total = guarded(rows(a=12, b=13, c=44), ("g",), ())
    assert shown.table["n"].tolist() == [10, 15, 45]
    assert total.table["n"].tolist() == [70]  # not 69, and not 70 by chance
    assert shown.record.base == 5


def test_a_share_comes_from_rounded_counts():
    data = rows(a=37, b=51).assign(y=[1] * 12 + [0] * 25 + [1] * 20 + [0] * 31)
    (shown,) = (protect(means(data, method="proportion"), rule=RULE, rows=data, household="ruta", of="y"),)
    assert shown.table["estimate"].tolist() == pytest.approx([10 / 35, 20 / 50])


def test_a_share_of_few_is_withheld_and_of_all_is_flagged():
    data = rows(a=30, b=30, c=30).assign(y=[1] * 3 + [0] * 27 + [1] * 30 + [1] * 15 + [0] * 15)
    shown = protect(means(data, method="proportion"), rule=RULE, rows=data, household="ruta", of="y")
    assert shown.marks == ["withheld", "", ""]
    assert shown.record.flagged == 1
    assert [c.name for c in shown.checks if c.status == "warn"] == ["all_or_none"]


def test_weighted_totals_add_up_and_are_protected_as_totals():
    data = rows(a=40, b=9, c=30)
    table = means(data).table.assign(estimate=[4.0, 1e-6, 5.0])  # the small group holds next to nothing
    total = means(data, ()).table.assign(estimate=[9.000001])
    made = [Estimates(t, "total", "x", by=b) for t, b in ((table, ("g",)), (total, ()))]
    shown, _all = protect(*made, rule=RULE, rows=data, household="ruta")
    assert [m.kind for m in shown.record.measures] == ["count", "total"]
    assert shown.record.audit["outcome"] == "pass"


def test_models_need_degrees_of_freedom():
    table = pd.DataFrame({"term": ["a", "b"], "estimate": [1.0, 2.0], "n": [15, 15], "df": [9.0, 9.0]})
    assert protect(Estimates(table, "regression", "x"), rule=HOUSES).marks == ["withheld"] * 2
    assert protect(Estimates(table.assign(df=10.0), "regression", "x"), rule=HOUSES).marks == [""] * 2


def test_minima_maxima_and_the_far_ends_do_not_leave():
    terms = ["mean", "min", "max", "p5", "median"]
    table = pd.DataFrame({"term": terms, "estimate": 1.0, "n": 40})
    shown = protect(Estimates(table, "describe", "x"), rule=HOUSES)
    assert shown.marks == ["", "withheld", "withheld", "withheld", ""]


def test_single_persons_are_refused():
    table = pd.DataFrame({"term": ["a"], "estimate": [1.0], "n": [40]})
    with pytest.raises(DisclosureError):
        protect(Estimates(table, "residuals", "x"), rule=HOUSES)


def test_evidence_of_persons_has_not_passed():
    given = means(rows(a=30))
    given = Estimates(given.table, "mean", "x", by=("g",), evidence={"draws": pd.DataFrame({"y": [1.0]})})
    shown = protect(given, rule=HOUSES)
    assert not shown.evidence
    with pytest.raises(DisclosureError):
        shown.behind("draws")


class TestRefusals:
    def test_persons_without_households(self):
        with pytest.raises(DisclosureError, match="household"):
            protect(means(rows(a=30)), rule=RULE)
        with pytest.raises(DisclosureError, match="household"):
            protect(means(rows(a=30)), rule=RULE, rows=rows(a=30))

    def test_a_table_without_counts(self):
        with pytest.raises(DisclosureError):
            protect(Estimates(means(rows(a=30)).table.assign(n=np.nan), "mean", "x", by=("g",)), rule=HOUSES)

    def test_other_rows_than_those_of_the_table(self):
        with pytest.raises(DisclosureError, match="30"):
            protect(means(rows(a=30)), rule=RULE, rows=rows(a=31), household="ruta")

    def test_a_frame_that_does_not_say_what_it_counts(self):
        frame = pd.DataFrame({"g": ["a"], "n": [30], "y": [1.0]})
        for more in ({}, {"by": "g"}, {"n": "n"}, {"by": "g", "n": "m"}):
            with pytest.raises(DisclosureError):
                protect(frame, rule=HOUSES, **more)
        assert protect(frame, rule=HOUSES, by="g", n="n").marks == [""]
        with pytest.raises(DisclosureError, match="nama"):
            protect(frame.assign(nama="Budi"), rule=HOUSES, by="g", n="n")

    def test_frames_and_their_margins(self):
        fine = pd.DataFrame({"g": list("abc"), "n": [40, 52, 33], "women": [20, 3, 14]})
        shown, total = protect(fine, pd.DataFrame({"n": [125], "women": [37]}), rule=HOUSES, by="g", n=["n", "women"])
        assert shown.marks.count("withheld") == 2  # three women in b, and who would betray them
        assert shown.table.loc[shown.table["mark"] == "", "women"].isin([20, 15]).all()
        assert total.table["n"].tolist() == [125]
        with pytest.raises(DisclosureError, match="nowhere"):
            protect(fine, rule=HOUSES, by=["g", "nowhere"], n="n")

    def test_persons_counted_again(self):
        twice = pd.concat([means(rows(a=30, b=40)).table.assign(outcome=o) for o in ("p0", "tpt")])
        table = Estimates(twice, "mean", "x", by=("outcome", "g"))
        with pytest.raises(DisclosureError, match="repeated"):
            protect(table, means(rows(a=30, b=40), ()), rule=HOUSES)
        shown, _all = protect(table, means(rows(a=30, b=40), ()), rule=HOUSES, repeated="outcome")
        assert [m.name for m in shown.record.measures] == ["n", "mean:y[outcome=p0]", "mean:y[outcome=tpt]"]

    @pytest.mark.parametrize(("rule", "stopped"), [(HOUSES, "rahasia"), (SMALL, "rahasia"), (SMALL, "terbatas")])
    def test_sensitive_columns(self, rule, stopped):
        import dataclasses

        marked = dataclasses.replace(rule, sensitive={"g": stopped})
        with pytest.raises(DisclosureError, match=stopped):
            protect(means(rows(a=30)), rule=marked)

    @pytest.mark.parametrize(
        "weak",
        [
            lambda: PersonRule(decided_by="", population="x"),
            lambda: PersonRule(decided_by="a", population=" "),
            lambda: PersonRule(decided_by="a", population="x", min_n=9),
            lambda: PersonRule(decided_by="a", population="x", min_households=2),
            lambda: PersonRule(decided_by="a", population="x", base=4),
            lambda: SmallStudyRule(decided_by="a", approver="", population="x"),
            lambda: SmallStudyRule(decided_by="a", approver="A ", population="x"),
            lambda: SmallStudyRule(decided_by="a", approver="b", population="x", min_n=2),
            lambda: NotPersons(unit="person", decided_by="a", population="x"),
            lambda: NotPersons(unit="household", decided_by="a", population="x"),
        ],
    )
    def test_rules_are_not_weakened(self, weak):
        with pytest.raises(DisclosureError):
            weak()


def test_persons_whom_a_finer_table_leaves_out_are_a_cell_too():
    """A total of 75 over groups of 40 and 30 tells of 5 without an answer."""
    data = rows(a=40, b=30, c=5)
    fine = means(data[data["g"] != "c"])
    shown, total = protect(fine, means(data, ()), rule=HOUSES)
    assert "withheld" in [*shown.marks, *total.marks]
    assert not shown.record.complete


def test_a_small_study_shows_exact_counts_of_three():
    shown = protect(means(rows(a=3, b=2, c=11)), rule=SMALL)
    assert shown.marks == ["", "withheld", ""]
    assert shown.table["n"].tolist()[::2] == [3, 11]
    assert (shown.record.base, shown.record.approver) == (1, "Ketua")


def test_what_is_no_person_passes_marked():
    rule = NotPersons(unit="institution", decided_by="Tim", population="panti")
    shown = protect(pd.DataFrame({"panti": ["A"], "skor": [3.0]}), rule=rule)
    assert not shown.public
    assert (shown.record.rule, shown.record.unit) == ("not_persons", "institution")
    assert shown.table["skor"].tolist() == [3.0]


class TestRecord:
    def test_no_hidden_value_is_in_it(self):
        data = rows(a=40, b=9, c=30)
        shown, _total = guarded(data, ("g",), ())
        text = shown.record.to_json()
        assert Record.from_json(text) == shown.record
        hidden = data[data["g"] != "a"].groupby("g")["y"].mean()
        assert all(f"{value:.4f}" not in text for value in hidden)
        assert [row.values for row in shown.record.rows if row.hidden] == [{"n": None, "mean:y": None}] * 2

    def test_a_changed_record_is_refused(self):
        said = guarded(rows(a=40), ("g",))[0].record.as_dict()
        with pytest.raises(ValueError, match="digest"):
            Record.from_dict({**said, "primary": 7})

    def test_public_tables_have_a_small_one(self):
        shown = protect(pd.DataFrame({"p0": np.arange(500.0)}), rule=Published(words(id="BPS", en="BPS")))
        assert len(shown.record.to_json()) < 1000
        assert shown.record.rows == ()


class TestAudit:
    def test_a_hidden_cell_that_another_table_shows_is_told(self):
        first = guarded(rows(a=40, b=9, c=30), ("g",), ())
        alone = protect(means(rows(a=40, b=9, c=30)[lambda r: r["g"] == "c"]), rule=HOUSES)
        assert audit([p.record for p in first]).outcome == "pass"
        found = audit([*(p.record for p in first), alone.record])
        assert found.outcome == "fail"
        assert any("b" in told["en"] or "c" in told["en"] for told in found.failures)

    def test_all_and_all_but_a_group_of_seven(self):
        everybody = protect(means(rows(a=40, b=30, c=7), ()), rule=HOUSES)
        without = protect(
            means(rows(a=40, b=30), ()), rule=PersonRule(decided_by="T", population="lain", unit="household")
        )
        found = differencing([without.record], [everybody.record])
        assert [d.at for d in found] == [{}]
        with pytest.raises(DisclosureError):
            protect(means(rows(a=40, b=30), ()), rule=HOUSES, earlier=[everybody.record])

    def test_the_same_table_again_is_no_difference(self):
        one = protect(means(rows(a=40, b=30)), rule=HOUSES).record
        other = protect(means(rows(a=40, b=30)), means(rows(a=40, b=30), ()), rule=HOUSES)[0].record
        assert differencing([other], [one]) == ()
        assert audit([other], earlier=[one]).failures == ()

    def test_public_tables_need_none(self):
        shown = protect(pd.DataFrame({"p0": [1.0]}), rule=Published(words(id="BPS", en="BPS")))
        assert audit([shown.record]).outcome == "not needed"


class TestVerbs:
    def test_columns_are_renamed_and_places_stand_beside(self):
        places = protect(pd.DataFrame({"code": ["a", "b"], "lat": [1.0, 2.0]}), rule=Published(words(id="x", en="x")))
        shown = guarded(rows(a=40, b=9), ("g",))[0].renamed(g="code", estimate="value").beside(places, on="code")
        assert shown.table["lat"].tolist() == [1.0, 2.0]
        assert shown.marks == ["", "withheld"]
        assert shown.only(code="b").marks == ["withheld"]

    def test_nothing_of_persons_is_joined(self):
        one = guarded(rows(a=40), ("g",))[0]
        with pytest.raises(DisclosureError):
            one.beside(one, on="g")
        with pytest.raises(DisclosureError):
            one.renamed(mark="note")

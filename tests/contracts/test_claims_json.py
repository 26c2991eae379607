"""claims.json has exactly the keys others read, and is the same text every time."""

import json

from documents.compose_sample import claims

from kesos_research.report import Claim, Results, claims_json

KEYS = [
    "name", "estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "unit", "method", "public", "quality",
    "used_in",
]  # fmt: skip


def test_the_keys_are_exactly_these():
    told = json.loads(claims_json(Results(claims()), {}))
    assert list(told) == ["claims"]
    assert all(list(claim) == KEYS for claim in told["claims"])


def test_absent_is_null_and_numbers_are_whole():
    told = {c["name"]: c for c in json.loads(claims_json(Results(claims()), {}))["claims"]}
    assert told["p0.mde"]["p_value"] is None
    assert told["p0.did"] == {
        "name": "p0.did",
        "estimate": 0.034,
        "std_error": 0.96,
        "conf_low": -1.9,
        "conf_high": 2.0,
        "p_value": 0.964,
        "n": 491,
        "unit": "percentage points",
        "method": "diff_in_diff",
        "public": True,
        "quality": "",
        "used_in": [],
    }


def test_documents_are_sorted_and_named_once():
    used = {"paper_en": ["p0.did"], "makalah_id": ["p0.did", "p0.mde"], "laman_id": frozenset({"p0.did"})}
    told = {c["name"]: c["used_in"] for c in json.loads(claims_json(Results(claims()), used))["claims"]}
    assert told["p0.did"] == ["laman_id", "makalah_id", "paper_en"]
    assert told["p0.mde"] == ["makalah_id"]
    assert told["spec.n"] == []


def test_the_same_text_whatever_the_order():
    backwards = dict(reversed(claims().items()))
    one = claims_json(Results(claims()), {"a": ["p0.did"], "b": ["p0.did"]})
    assert one == claims_json(Results(backwards), {"b": ["p0.did"], "a": ["p0.did"]})
    assert one.endswith("}\n")
    assert "\r" not in one


def test_every_digit_is_kept():
    value = 0.1 + 0.2
    (told,) = json.loads(claims_json(Results({"x": Claim("x", value)}), {}))["claims"]
    assert told["estimate"] == value

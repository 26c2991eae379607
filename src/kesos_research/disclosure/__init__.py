"""What may leave the room: only `protect()` makes what `report` accepts."""

from kesos_research.disclosure.precision import Precision
from kesos_research.disclosure.protect import Protected, protect
from kesos_research.disclosure.record import RECORD_MIME, Record
from kesos_research.disclosure.rule import NotPersons, PersonRule, Published, Rule, SmallStudyRule, rule_of

__all__ = [
    "RECORD_MIME",
    "NotPersons",
    "PersonRule",
    "Precision",
    "Protected",
    "Published",
    "Record",
    "Rule",
    "SmallStudyRule",
    "protect",
    "rule_of",
]

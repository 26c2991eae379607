"""Figures: protected rows in, one drawing a language out, for the page and for the slide."""

from kesos_research.report.figure._input import Name, Panel, Span
from kesos_research.report.figure.adoption import adoption
from kesos_research.report.figure.bacon import bacon
from kesos_research.report.figure.bins import density, discontinuity
from kesos_research.report.figure.cost import cost_plane
from kesos_research.report.figure.curves import acceptability, mde_curve, power_curve
from kesos_research.report.figure.detectable import detectable
from kesos_research.report.figure.event import event_study
from kesos_research.report.figure.evidence import evidence_matrix
from kesos_research.report.figure.forest import forest
from kesos_research.report.figure.gaps import gaps
from kesos_research.report.figure.incidence import incidence
from kesos_research.report.figure.interrupted import interrupted
from kesos_research.report.figure.ladder import ladder
from kesos_research.report.figure.love import love_plot
from kesos_research.report.figure.maps import dot_map, locator
from kesos_research.report.figure.sensitivity import sensitivity
from kesos_research.report.figure.series import trajectory, trends
from kesos_research.report.figure.specification import specification_curve
from kesos_research.report.figure.survival import survival

__all__ = [
    "Name",
    "Panel",
    "Span",
    "acceptability",
    "adoption",
    "bacon",
    "cost_plane",
    "density",
    "detectable",
    "discontinuity",
    "dot_map",
    "event_study",
    "evidence_matrix",
    "forest",
    "gaps",
    "incidence",
    "interrupted",
    "ladder",
    "locator",
    "love_plot",
    "mde_curve",
    "power_curve",
    "sensitivity",
    "specification_curve",
    "survival",
    "trajectory",
    "trends",
]

"""How the rows of a household study came to us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from kesos_research.language import _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, shown
from kesos_research.study.scalar import text_of

if TYPE_CHECKING:
    from kesos_research.design import SurveyDesign


def _column(value: Any) -> str:
    value = text_of(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", value):
        raise Refused(
            _("{value} is no name of a column.", value=shown(value)),
            expected=_("the name of a column, as the codebook declares it"),
        )
    return value


Column = Annotated[str, BeforeValidator(_column)]


class Sample(Part):
    """The sampling design of a source of persons or households, said once; columns by their names in the codebook.

    Attributes
    ----------
    source
        Id of the source; the first one when not given.
    weight, strata, cluster, fpc
        Roles of columns as `SurveyDesign` has them; empty where the design has none. Only families of an `evaluation`
        may do without a weight: each then counts alike.
    household
        The column that tells households apart: the disclosure rule counts them in each cell.
    area
        The column of the areas that are told apart, such as districts.
    """

    source: str = ""
    weight: Column = ""
    strata: Column = ""
    cluster: Column = ""
    fpc: Column = ""
    household: Column = ""
    area: Column = ""

    @property
    def design(self) -> SurveyDesign:
        """The design, for every estimator of the study."""
        from kesos_research.design import SurveyDesign

        return SurveyDesign(
            weight=self.weight or None,
            strata=self.strata or None,
            cluster=self.cluster or None,
            fpc=self.fpc or None,
        )

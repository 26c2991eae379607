"""What we ask: the study document, its plan, its sources, and the venue it is written for."""

from kesos_research.study.adoption import Adoption
from kesos_research.study.plan import Donors, Plan, Windows, Years
from kesos_research.study.publication import Publication
from kesos_research.study.read import read_study
from kesos_research.study.sample import Sample
from kesos_research.study.source import Disclosure, Source
from kesos_research.study.study import FORMATS, Author, Deliverables, Format, NotebookUse, Study
from kesos_research.study.survey import Survey
from kesos_research.study.venue import Venue, venue, venues
from kesos_research.study.workspace import known_studies, workspace_of

__all__ = [
    "FORMATS",
    "Adoption",
    "Author",
    "Deliverables",
    "Disclosure",
    "Donors",
    "Format",
    "NotebookUse",
    "Plan",
    "Publication",
    "Sample",
    "Source",
    "Study",
    "Survey",
    "Venue",
    "Windows",
    "Years",
    "known_studies",
    "read_study",
    "venue",
    "venues",
    "workspace_of",
]

"""Execution: a study's notebooks in clean kernels, its documents written whole, its manifest last."""

from kesos_research.run.jobs import Job, jobs
from kesos_research.run.lab import prepare_lab
from kesos_research.run.pipeline import RunReport, run_study

__all__ = ["Job", "RunReport", "jobs", "prepare_lab", "run_study"]

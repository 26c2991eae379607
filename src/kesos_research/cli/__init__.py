"""The command line: `kesos init | new | check | run | lab`."""

from kesos_research.cli.application import build, main

__all__ = ["build", "main"]

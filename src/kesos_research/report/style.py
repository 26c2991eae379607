"""The look of the house: colours, sizes, widths. One style for all documents."""

from __future__ import annotations

from typing import Final

TREATED: Final = "#D55E00"
COMPARISON: Final = "#7A7A7A"
SYNTHETIC: Final = "#0072B2"
HIGHLIGHT: Final = "#009E73"
INK: Final = "#1A1A1A"
RULE: Final = "#333333"
GRID: Final = "#D9D9D9"
TINT: Final = "#F3F1EC"
SEA: Final = "#F4F7F9"

FONT: Final = "Libertinus Serif"
"""Typeface of paper and figures; it comes inside the typst wheel."""

COLUMN_MM: Final = 84.0
PAGE_MM: Final = 174.0
FIGURE_PT: Final = 8.0
AXIS_PT: Final = 0.6
LINE_PT: Final = 1.2
SLIDE_MM: Final = (254.0, 142.9)
"""16:9, as PowerPoint's 10 × 5.63 inches."""

# Colours of words: the hues above, dark enough to be read at 8 pt on paper (contrast of 4.5 to 1 or more).
TREATED_INK: Final = "#A84A00"
COMPARISON_INK: Final = "#5C5C5C"
SYNTHETIC_INK: Final = "#005A8E"
HIGHLIGHT_INK: Final = "#00704F"

PAPER: Final = "#FFFFFF"
"""What shows through a hollow mark."""
CLASSES: Final = ("#FDF6C9", "#A6D8B6", "#4BB0C2", "#2B78B0", "#243488")
"""Classes of a map from low to high: they darken evenly, so they hold in grey and for the colour-blind."""
FAINT: Final = 0.2
"""Opacity of uncertainty: the same hue, 20 %."""
CLOUD: Final = 0.25
"""Opacity of a placebo cloud's lines."""

SLIDE_FIGURE_MM: Final = (230.0, 110.0)
SLIDE_FIGURE_PT: Final = 16.0
SLIDE_LINE_PT: Final = 2.6
SLIDE_AXIS_PT: Final = 1.0
SPAN: Final = "#ECE9E2"
"""Years set apart in a figure."""

"""How wide words are in the house's typeface, so that labels keep apart before anyone has set them.

Widths of Libertinus Serif in thousandths of the type size, as typst measures them (a test asks it again). Pairs that
are set closer are left out of account: words come out a little narrower than said here, never wider.
"""

from __future__ import annotations

import unicodedata

# fmt: off
_REGULAR = (
    250, 288, 336, 465, 465, 637, 705, 190, 298, 298, 369, 550, 220, 338, 220, 323, 465, 465, 465, 465, 465, 465,
    465, 465, 465, 465, 236, 236, 550, 550, 550, 435, 895, 695, 588, 646, 701, 557, 485, 685, 730, 297, 322, 637,
    528, 839, 699, 702, 541, 702, 587, 485, 597, 661, 652, 951, 660, 575, 604, 356, 287, 356, 518, 486, 392, 457,
    493, 428, 506, 447, 310, 500, 538, 271, 272, 512, 264, 790, 542, 504, 519, 503, 372, 390, 316, 531, 497, 747,
    490, 515, 424, 277, 205, 277, 449,
)
_BOLD = (
    250, 266, 376, 514, 514, 637, 729, 215, 315, 315, 433, 537, 244, 358, 244, 316, 514, 514, 514, 514, 514, 514,
    514, 514, 514, 514, 256, 256, 512, 551, 512, 430, 988, 740, 654, 706, 734, 609, 545, 732, 817, 367, 373, 736,
    577, 899, 740, 730, 614, 730, 716, 504, 652, 732, 700, 1028, 718, 624, 624, 397, 307, 397, 518, 486, 392, 506,
    542, 456, 561, 489, 391, 521, 619, 322, 312, 613, 325, 905, 616, 551, 581, 573, 428, 427, 358, 598, 529, 777,
    561, 558, 452, 307, 220, 307, 473,
)
_REGULAR_SIGNS = {
    "°": 267, "±": 550, "²": 307, "³": 307, "·": 250, "×": 550, "÷": 550, "–": 548, "—": 742, "−": 550, "‘": 268,
    "’": 268, "“": 375, "”": 375, "…": 749, "≤": 527, "≥": 527, "≈": 527, "→": 1130, "←": 1130, "λ": 531, "σ": 570,
    "α": 566, "β": 517, "©": 695, "§": 473, "•": 351,
}
_BOLD_SIGNS = {
    "°": 267, "±": 527, "²": 340, "³": 340, "·": 250, "×": 527, "÷": 540, "–": 534, "—": 742, "−": 540, "‘": 253,
    "’": 253, "“": 440, "”": 440, "…": 817, "≤": 527, "≥": 527, "≈": 527, "→": 1154, "←": 1154, "λ": 547, "σ": 570,
    "α": 654, "β": 562, "©": 641, "§": 466, "•": 351,
}
# fmt: on
_ASCII = [chr(i) for i in range(32, 127)]
_WIDTHS = {
    False: dict(zip(_ASCII, _REGULAR, strict=True)) | _REGULAR_SIGNS,
    True: dict(zip(_ASCII, _BOLD, strict=True)) | _BOLD_SIGNS,
}
_UNKNOWN = 1000


def width(text: str, *, bold: bool = False) -> float:
    """How wide `text` is, in sizes of its type; letters with accents are as wide as without."""
    widths = _WIDTHS[bold]
    bare = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return sum(widths.get(c, _UNKNOWN) for c in bare) / 1000

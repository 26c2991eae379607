"""Where rows and cells of a delimited text begin and end, found out from its bytes without a reader's leniency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CHUNK = 1 << 24
_QUOTE, _LINE_FEED, _RETURN = 34, 10, 13


@dataclass(frozen=True)
class Layout:
    """Rows of a text; positions are bytes, all arrays are int32 or int64.

    Attributes
    ----------
    ends
        Position of the line feed that ends each row (those within quotes end none); shape (rows,).
    cells
        Number of cells of each row; shape (rows,).
    feeds
        Position of every line feed, also within quotes.
    loose_quotes
        Position of the opening quotation mark of each cell that is not closed where it should be, and of quotation
        marks within cells that are not quoted.
    open
        Whether the text ends within quotes.
    returns
        Position of each carriage return that no line feed follows.
    mixed
        Position of the first row end that is written otherwise than the first; None where all are alike.
    """

    ends: np.ndarray
    cells: np.ndarray
    feeds: np.ndarray
    loose_quotes: np.ndarray
    open: bool
    returns: np.ndarray
    mixed: int | None

    def line(self, position: int) -> int:
        """Line of the file in which a byte stands."""
        return int(np.searchsorted(self.feeds, position)) + 1

    def row_lines(self) -> np.ndarray | None:
        """Line in which each row begins; None where each row is one line."""
        if len(self.feeds) == len(self.ends):
            return None
        starts = np.concatenate([[0], self.ends[:-1] + 1])
        return np.searchsorted(self.feeds, starts) + 1


def layout(text: bytes, delimiter: str) -> Layout:
    """Where do the rows and cells of `text` stand?

    Parameters
    ----------
    text
        UTF-8; quotation marks within quoted cells are doubled.
    delimiter
        One ASCII character.
    """
    bytes_ = np.frombuffer(text, dtype=np.uint8)
    quotes, feeds, ends, marks = _marks(bytes_, ord(delimiter))
    cells = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
    returns = _at(bytes_, _RETURN)
    lone = returns[_after(bytes_, returns, 0) != _LINE_FEED]
    return Layout(
        ends=ends,
        cells=cells,
        feeds=feeds,
        loose_quotes=_loose(bytes_, quotes, ord(delimiter)),
        open=len(quotes) % 2 == 1,
        returns=lone,
        mixed=_mixed(bytes_, ends),
    )


def _marks(bytes_: np.ndarray, delimiter: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Positions of quotation marks, of line feeds, and of line feeds and delimiters outside quotes."""
    quotes, feeds, ends, marks = [], [], [], []
    inside = np.uint8(0)
    for start in range(0, len(bytes_), _CHUNK):
        piece = bytes_[start : start + _CHUNK]
        quote, feed, mark = piece == _QUOTE, piece == _LINE_FEED, piece == delimiter
        feeds.append(_positions(feed, start))
        if inside or quote.any():
            within = np.bitwise_xor.accumulate(quote.view(np.uint8)) ^ inside
            inside = within[-1]
            feed, mark = feed & (within == 0), mark & (within == 0)
        quotes.append(_positions(quote, start))
        ends.append(_positions(feed, start))
        marks.append(_positions(mark, start))
    return _joined(quotes), _joined(feeds), _joined(ends), _joined(marks)


def _loose(bytes_: np.ndarray, quotes: np.ndarray, delimiter: int) -> np.ndarray:
    """Quotation marks that open within a cell, or whose cell goes on after they are closed."""
    if not len(quotes):
        return quotes
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, bytes_[np.maximum(opening - 1, 0)], _LINE_FEED)
    begins = np.isin(before, (delimiter, _LINE_FEED, _QUOTE))
    goes_on = ~np.isin(_after(bytes_, closing, _LINE_FEED), (delimiter, _LINE_FEED, _RETURN, _QUOTE))
    wrong = ~begins
    wrong[: len(closing)] |= goes_on
    return opening[wrong]


def _after(bytes_: np.ndarray, at: np.ndarray, otherwise: int) -> np.ndarray:
    """The byte after each position; `otherwise` where the text ends."""
    return np.where(at + 1 < len(bytes_), bytes_[np.minimum(at + 1, len(bytes_) - 1)], otherwise)


def _mixed(bytes_: np.ndarray, ends: np.ndarray) -> int | None:
    if not len(ends):
        return None
    windows = bytes_[np.maximum(ends - 1, 0)] == _RETURN
    other = np.flatnonzero(windows != windows[0])
    return int(ends[other[0]]) if len(other) else None


def _at(bytes_: np.ndarray, value: int) -> np.ndarray:
    return _joined([_positions(bytes_[s : s + _CHUNK] == value, s) for s in range(0, len(bytes_), _CHUNK)])


def _positions(found: np.ndarray, start: int) -> np.ndarray:
    return (np.flatnonzero(found) + start).astype(np.int32)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)

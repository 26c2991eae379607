"""Room for names on a map: beside their dots, off other dots, off each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kesos_research.report.figure._canvas import Box

_DIRECTIONS = tuple(np.deg2rad(a) for a in range(0, 360, 15))


@dataclass(frozen=True)
class _Scene:
    points: NDArray[np.float64]
    crowd: NDArray[np.float64]
    near: float


def place(
    points: NDArray[np.float64],
    sizes: Sequence[tuple[float, float]],
    crowd: NDArray[np.float64],
    frame: Box,
    *,
    near: float,
) -> list[Box]:
    """A box of each of `sizes` for each of `points`, so that it covers little of the `crowd` and no other box.

    Parameters
    ----------
    points
        What is named, (n, 2), in mm.
    sizes
        Width and height of each name.
    crowd
        Everything that should stay visible, (m, 2).
    frame
        No box leaves it.
    near
        The least distance of a box from its point; up to eight times that is tried.

    Notes
    -----
    Greedy, from the most crowded point to the freest; the same input gives the same places.
    """
    order = sorted(range(len(points)), key=lambda i: (-_within(crowd, points[i], 8 * near), i))
    scene = _Scene(points, crowd, near)
    taken: dict[int, Box] = {}
    for i in order:
        candidates = (
            _beside(points[i], sizes[i], angle, near * far)
            for far, angle in product((1, 1.5, 2, 3, 4, 5, 6.5, 8), _DIRECTIONS)
        )
        inside = [b for b in candidates if _holds(frame, b)] or [_pushed(frame, _beside(points[i], sizes[i], 0, near))]
        taken[i] = min(inside, key=lambda b: _cost(b, i, taken, scene))
    return [taken[i] for i in range(len(points))]


def edge(box: Box, point: NDArray[np.float64]) -> tuple[float, float]:
    """Where a line from `point` to the box meets it."""
    return (min(max(point[0], box.left), box.right), min(max(point[1], box.top), box.bottom))


def _cost(box: Box, own: int, taken: Mapping[int, Box], scene: _Scene) -> float:
    near, start = scene.near, scene.points[own]
    end = np.asarray(edge(box, start))
    wide = Box(box.left - 0.4 * near, box.top - 0.2 * near, box.width + 0.8 * near, box.height + 0.4 * near)
    others = np.delete(scene.points, own, axis=0)
    clashes = sum(_overlap(wide, b) for b in taken.values()) + int(_inside(others, wide).sum())
    lines = sum(_overlap(_hull(start, end), b) for b in taken.values())
    covered = int(_inside(scene.crowd, wide).sum())
    crossed = _near_line(scene.crowd, start, end, 0.25 * near)
    distance = float(np.hypot(*(end - start))) / near
    return 1000 * clashes + 200 * lines + 25 * covered + crossed + 2.5 * distance


def _beside(point: NDArray[np.float64], size: tuple[float, float], angle: float, distance: float) -> Box:
    """The box whose nearest edge lies `distance` from the point in the given direction."""
    width, height = size
    x = point[0] + distance * np.cos(angle)
    y = point[1] - distance * np.sin(angle)
    left = x - width * (0.5 - 0.5 * np.cos(angle))
    top = y - height * (0.5 + 0.5 * np.sin(angle))
    return Box(float(left), float(top), width, height)


def _inside(points: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    return (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)


def _holds(frame: Box, box: Box) -> bool:
    return box.left >= frame.left and box.right <= frame.right and box.top >= frame.top and box.bottom <= frame.bottom


def _pushed(frame: Box, box: Box) -> Box:
    left = max(frame.left, min(box.left, frame.right - box.width))
    return Box(left, max(frame.top, min(box.top, frame.bottom - box.height)), box.width, box.height)


def _overlap(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def _hull(a: NDArray[np.float64], b: NDArray[np.float64]) -> Box:
    low, high = np.minimum(a, b), np.maximum(a, b)
    return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def _within(points: NDArray[np.float64], at: NDArray[np.float64], distance: float) -> int:
    return int((np.hypot(*(points - at).T) < distance).sum())


def _near_line(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64], distance: float
) -> int:
    """How many points a line would run over."""
    along = end - start
    length = float(along @ along)
    if length == 0:
        return 0
    share = np.clip((points - start) @ along / length, 0, 1)
    return int((np.hypot(*(points - start - share[:, None] * along).T) < distance).sum())

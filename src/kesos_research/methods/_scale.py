"""The scale on which an area-level model is linear, and the way back from it without the bias of the curve.

z = g(θ) is what the model sees. On the way back the predictor ẑ of z has mean μ and a variance smaller than that of z
by τ² = g1 − (1 − γ²)h, so that g⁻¹(ẑ) is biased; the estimates here have the mean of g⁻¹(z) when σ² is known.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Transform = Literal["none", "log", "arcsin"]

TRANSFORMS: tuple[Transform, ...] = ("none", "log", "arcsin")
_RIGHT = np.pi / 2


def forward(theta: Array, variance: Array, transform: Transform) -> tuple[Array, Array]:
    """z and its sampling variance by the delta method."""
    if transform == "log":
        return np.log(theta), variance / theta**2
    if transform == "arcsin":
        return np.arcsin(np.sqrt(theta)), variance / (4 * theta * (1 - theta))
    return theta, variance


def forward_by_size(theta: Array, effective: Array) -> tuple[Array, Array]:
    """asin √p and 1/(4ñ), which also shares of 0 and 1 have (Anscombe's variance-stabilising scale)."""
    return np.arcsin(np.sqrt(theta)), 1 / (4 * effective)


def back(z: Array, tau2: Array, transform: Transform) -> Array:
    """θ̂ of the predictor ẑ: exp(ẑ + τ²/2), or ½(1 − e^{−2τ²} cos 2ẑ), which is the mean of sin² of a normal."""
    if transform == "log":
        return np.exp(z + tau2 / 2)
    if transform == "arcsin":
        return np.clip((1 - np.exp(-2 * tau2) * np.cos(2 * np.clip(z, 0.0, _RIGHT))) / 2, 0.0, 1.0)
    return z


def curve(z: Array, transform: Transform) -> Array:
    """g⁻¹, for true values and for the ends of intervals."""
    if transform == "log":
        return np.exp(z)
    if transform == "arcsin":
        return np.sin(np.clip(z, 0.0, _RIGHT)) ** 2
    return z


def std_error(z: Array, mse: Array, theta: Array, transform: Transform) -> Array:
    """Standard deviation of g⁻¹ of a normal with mean ẑ and variance mse; θ̂ is the mean of the lognormal."""
    if transform == "log":
        return theta * np.sqrt(np.expm1(mse))
    if transform == "arcsin":
        centre = np.clip(z, 0.0, _RIGHT)
        second = (1 + np.exp(-8 * mse) * np.cos(4 * centre)) / 2
        return np.sqrt(np.maximum(second - np.exp(-4 * mse) * np.cos(2 * centre) ** 2, 0.0)) / 2
    return np.sqrt(mse)


def slope(z: Array, transform: Transform) -> Array:
    """dθ/dz at ẑ."""
    if transform == "log":
        return np.exp(z)
    if transform == "arcsin":
        return np.sin(2 * np.clip(z, 0.0, _RIGHT))
    return np.ones_like(z)

"""The noise-free curves of a set, by its spec."""

from vibcore import data
from vibcore.config import DatasetSpec
from vibcore.data import curves
from vibcore.densities import curves_of
from vibcore.types import Array

NAMES = data.curve_names()


def classes_of(spec: DatasetSpec) -> int:
    return curves.classes_of(curves_of(spec), spec)


def curve(spec: DatasetSpec, c: int, t: Array) -> Array:
    return curves_of(spec).curve(spec, c, t)


def speed(spec: DatasetSpec) -> float:
    return curves_of(spec).speed

"""Words of a chart in a file: each at the first of its places that is on no line, no dot and no other words.

As `stage/notes.js` does it in the page; here no letter can be measured, so widths are about right.
"""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np

from vibcore.types import Array

WIDTH, LETTER, LINE = 900, 0.56, 1.3  # px of a chart; of a letter's height its width, and that of a line
SLACK = 3  # px above and below words that are none of their letters
EVERY = 4  # px between two points of a line


def place_words(figure: dict[str, Any], height: int) -> None:
    """Words that name their places (`meta.beside`) at one of them, in a figure that is `height` px high."""
    layout = figure["layout"]
    axes = [layout.get(name, {}).get("range") for name in ("xaxis", "yaxis")]
    margin = {"l": 54, "r": 12, "t": 8, "b": 46} | layout.get("margin", {})
    size = (WIDTH - margin["l"] - margin["r"], height - margin["t"] - margin["b"])
    taken = np.empty((0, 2))
    if None not in axes:
        drawn = [_drawn(trace, axes, size) for trace in figure["data"] if trace.get("visible") is not False]
        drawn += [_drawn(_across(shape, axes), axes, size) for shape in layout.get("shapes", ())]
        taken = np.concatenate([taken, *drawn, *(_strewn(note, axes, size) for note in layout.get("annotations", ()))])
    for trace in figure["data"]:
        if "beside" in (trace.get("meta") or {}):
            found = _placed(trace, axes, size, taken)
            taken = np.concatenate([taken, found])


def _placed(trace: dict[str, Any], axes: list[Any], size: tuple[int, int], taken: Array) -> Array:
    """Put a trace's words at the best of their places: what they cover, as points."""
    said = [trace.get("text") or ""] if isinstance(trace.get("text"), str | None) else trace["text"]
    words, x = next((text for text in said if text.strip()), ""), np.asarray(trace.get("x", ()), dtype=float)
    trace["text"] = [""] * len(x)
    places = [each for each in trace["meta"]["beside"] if each[0] < len(x) and np.isfinite(x[each[0]])]
    if not words or not places:
        return np.empty((0, 2))
    if None in axes:
        end, position, *away = places[0]
        _write(trace, words, end, position, away)
        return np.empty((0, 2))
    at = _pixels(x, np.asarray(trace["y"], dtype=float), axes, size)
    boxes = [_box(words, at[end], position, away, trace["textfont"]["size"]) for end, position, *away in places]
    costs = [_cost(box, taken, size) for box in boxes]
    best = int(np.argmin(costs))
    if not np.isfinite(costs[best]) and not trace["meta"].get("must"):
        return np.empty((0, 2))
    end, position, *away = places[best]
    _write(trace, words, end, position, away)
    return _filled(boxes[best])


def _write(trace: dict[str, Any], words: str, end: int, position: str, away: list[int]) -> None:
    lines = "<br>" * (away[0] if away else 0)
    trace["text"][end] = words + lines if position.startswith("top") else lines + words
    trace |= {"textposition": position, "cliponaxis": False}


def _cost(box: Array, taken: Array, size: tuple[int, int]) -> float:
    """How much lies below words; infinite where they would be cut."""
    (left, top), (right, bottom) = box
    if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
        return np.inf
    slim = box + np.array([[0, SLACK], [0, -SLACK]])
    return float(np.all((taken > slim[0]) & (taken < slim[1]), axis=1).sum())


def _box(words: str, at: Array, position: str, away: list[int], font: int) -> Array:
    """Left, top and right, bottom of words beside a place, in px."""
    up, across = position.split()
    wide, high = LETTER * font * len(words), LINE * font
    left = {"left": -wide, "center": -wide / 2, "right": 0.0}[across]
    lines = (away[0] if away else 0) * high
    top = {"top": -high - lines, "middle": -high / 2, "bottom": lines}[up]
    found: Array = at + np.array([[left, top], [left + wide, top + high]])
    return found


def _pixels(x: Array, y: Array, axes: list[Any], size: tuple[int, int]) -> Array:
    """Places in px from the upper left corner."""
    (left, right), (low, top) = axes
    return np.stack([(x - left) / (right - left) * size[0], (top - y) / (top - low) * size[1]], axis=-1)


def _drawn(trace: dict[str, Any], axes: list[Any], size: tuple[int, int]) -> Array:
    """Points of a trace's dots, and along its lines."""
    x, y = (np.asarray(_plain(trace.get(axis, ())), dtype=float) for axis in "xy")
    if trace.get("type", "scatter") != "scatter" or len(x) != len(y) or not len(x):
        return np.empty((0, 2))
    at = _pixels(x, y, axes, size)
    found = [at[np.isfinite(at).all(axis=1)]]
    if "markers" in trace.get("mode", ""):
        size_of = (trace.get("marker") or {}).get("size", 6)
        radius = (size_of / 2 if isinstance(size_of, int | float) else 3) + 2
        found += [found[0] + radius * np.array(side) for side in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    if "lines" in trace.get("mode", ""):
        for start, end in pairwise(at):
            if np.isfinite([start, end]).all():
                count = min(500, 2 + int(np.linalg.norm(end - start) / EVERY))
                found.append(np.linspace(start, end, count))
    return np.concatenate(found)


def _across(shape: dict[str, Any], axes: list[Any]) -> dict[str, Any]:
    """A straight line that stands in the plane, as a trace."""
    if shape.get("type") != "line":
        return {}
    ends = {}
    for axis, (low, high) in zip("xy", axes, strict=True):
        is_share = shape.get(f"{axis}ref", axis).endswith("domain")
        ends[axis] = [low + shape[f"{axis}{k}"] * (high - low) if is_share else shape[f"{axis}{k}"] for k in (0, 1)]
    return ends | {"mode": "lines"}


def _plain(values: Any) -> Any:
    """Numbers as Plotly's JSON has them: a list, or bytes as text."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return values


def _strewn(note: dict[str, Any], axes: list[Any], size: tuple[int, int]) -> Array:
    """What a note that stands in the plane covers."""
    if "x" not in note or note.get("visible") is False or note.get("xref", "x") != "x" or note.get("yref", "y") != "y":
        return np.empty((0, 2))
    at = _pixels(np.array(float(note["x"])), np.array(float(note["y"])), axes, size)
    if note.get("showarrow"):
        at = at + np.array([note.get("ax", 0), note.get("ay", 0)])
    across = {"left": "right", "right": "left"}.get(note.get("xanchor", "center"), "center")
    up = {"top": "bottom", "bottom": "top"}.get(note.get("yanchor", "middle"), "middle")
    return _filled(_box(note.get("text", ""), at, f"{up} {across}", [], note.get("font", {}).get("size", 12)))


def _filled(box: Array) -> Array:
    """A box as points."""
    (left, top), (right, bottom) = box
    x, y = np.meshgrid(np.arange(left, right + EVERY, EVERY), np.arange(top, bottom + EVERY, EVERY))
    return np.stack([x.ravel(), y.ravel()], axis=-1)

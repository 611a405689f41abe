"""Whether arrays are what the protocol, or a panel, says that they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from dashboard import protocol

DTYPES = sorted(get_args(protocol.Dtype))


def check(arrays: protocol.Arrays, declared: Mapping[str, protocol.ArraySpec] | None = None) -> None:
    """TypeError for an array that is not what it is declared as.

    `declared`, by `protocol.pattern`, are those of the panels on screen; with them, an array that nobody declares is an
    error, too.
    """
    lengths: dict[str, int] = {}
    for name, (array, models) in arrays.items():
        dtype = f"{array.dtype.kind}{array.dtype.itemsize}"
        about = protocol.spec(name) or (declared or {}).get(protocol.pattern(name))
        if about is None and declared is not None:
            raise TypeError(
                f"array {name}: got no declaration, expected an ArraySpec of a panel. Declare what it holds."
            )
        dtypes = [about.dtype] if about else DTYPES
        if dtype not in dtypes:
            raise TypeError(f"array {name}: got {array.dtype}, expected one of {dtypes}. Convert it first.")
        if about:
            _check_shape(name, about, array.shape, models, lengths)


def _check_shape(
    name: str, about: protocol.ArraySpec, shape: tuple[int, ...], models: list[int] | None, lengths: dict[str, int]
) -> None:
    """The axes behind that of the models; `lengths` are those that earlier arrays had by name."""
    words = about.shape.split()
    if (about.of == "shared") != (models is None):
        raise TypeError(f"array {name}: got models {models}, expected it {about.of}. Say whose its rows are.")
    if models is not None and (not shape or shape[0] != len(models)):
        raise TypeError(f"array {name}: got shape {shape} for {len(models)} models. Give each model a row.")
    rest = shape if models is None else shape[1:]
    known = [int(word) if word.isdigit() else lengths.get(word) for word in words]
    if len(rest) != len(words) or any(k not in (None, n) for k, n in zip(known, rest, strict=True)):
        expected = " ".join(f"{w}={k}" if k is not None else w for w, k in zip(words, known, strict=True))
        raise TypeError(f"array {name}: got axes {rest}, expected “{expected}”. Send what it is declared as.")
    lengths.update({word: n for word, n in zip(words, rest, strict=True) if word != "any"})

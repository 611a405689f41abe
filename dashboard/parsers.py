"""Text of a link → values: each raises ValueError for what it cannot read."""

from __future__ import annotations

import re


def widths(text: str) -> tuple[int, ...]:
    """'64-64' → (64, 64); 'linear' → ()."""
    return () if text in ("linear", "") else tuple(int(part) for part in text.replace(",", "-").split("-"))


def numbers(text: str) -> tuple[float, ...]:
    """'0.9,0.6' → (0.9, 0.6)."""
    return tuple(float(part) for part in text.split(","))


def places(text: str) -> tuple[int, ...]:
    """'z1,z3' → (0, 2), as the pickers count; '0,2', of older links, too; '' → ()."""
    parts = text.split(",") if text else []
    if any(part.startswith("z") for part in parts):
        return tuple(int(part.removeprefix("z")) - 1 if part.startswith("z") else -1 for part in parts)
    return tuple(map(int, parts))


def flag(text: str) -> bool:
    """'1' or 'true' → True, '0' or 'false' → False."""
    if text.lower() not in ("1", "0", "true", "false"):
        raise ValueError(text)
    return text.lower() in ("1", "true")


def words(text: str) -> tuple[str, ...]:
    """'a,b' → ('a', 'b')."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def edits(text: str) -> tuple[tuple[int, str, float], ...]:
    """'400:lr:0.003' → ((400, 'lr', 0.003),); several are joined by ','."""
    parts = [part.split(":") for part in text.split(",") if part]
    return tuple((int(step), field, float(value)) for step, field, value in parts)


def digest(text: str) -> str:
    """The name of an own table: its sha256."""
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError(text)
    return text

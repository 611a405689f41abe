"""The protocol as types for the browser's scripts: python -m dashboard.stage.typescript writes protocol.d.ts."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints

from dashboard import protocol

# The page's own names in `window`.
GLOBALS = """
declare global {
  interface Window {
    Plotly: any;
    __plotlyLoading: Promise<any> | undefined;
    labStages: Map<string, any>;
    labStage: any;
  }
}
"""


def typescript() -> str:
    """Types of all this for the browser's scripts."""
    tables = (
        protocol.ArrayHeader,
        protocol.Guess,
        protocol.Header,
        protocol.Panel,
        protocol.KeyNumber,
        protocol.Tick,
        protocol.Mark,
        protocol.Slider,
        protocol.Classes,
        protocol.Decoder,
        protocol.Card,
        protocol.Document,
        protocol.Look,
        protocol.Press,
        protocol.Presses,
    )
    parts = [_interface(table) for table in (*tables, protocol.States)]
    parts.append(_lines("Actions", "What comes with each action.", {k: _type(t) for k, t in protocol.ACTIONS.items()}))
    return "// Written by python -m dashboard.stage.typescript\n\n" + "\n".join(parts) + GLOBALS


def _interface(table: Any) -> str:
    hints = get_type_hints(table, include_extras=True)
    fields = {name + "?" * _is_optional(hint): _type(hint) for name, hint in hints.items()}
    return _lines(table.__name__, (table.__doc__ or "").partition("\n")[0], fields)


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) is NotRequired


def _lines(name: str, about: str, fields: Mapping[str, str]) -> str:
    comment = "" if about.startswith("dict(") or not about else f"/** {about} */\n"
    return comment + f"export interface {name} {{\n" + "".join(f"  {k}: {v};\n" for k, v in fields.items()) + "}\n"


def _type(hint: Any) -> str:
    plain: dict[Any, str] = {str: "string", int: "number", float: "number", bool: "boolean", Any: "any"}
    if hint in plain:
        return plain[hint]
    if hint is None or hint is type(None):
        return "null"
    inner = get_args(hint)
    if get_origin(hint) is Literal:
        return " | ".join(f'"{value}"' for value in inner)
    of = [_type(each) for each in inner]
    if _is_optional(hint):
        return of[0]
    if get_origin(hint) is types.UnionType:
        return " | ".join(of)
    if get_origin(hint) is list:
        return f"({of[0]})[]" if "|" in of[0] else f"{of[0]}[]"
    if get_origin(hint) is tuple:
        return f"[{', '.join(of)}]"
    return f"Record<{of[0]}, {of[1]}>" if inner else hint.__name__


if __name__ == "__main__":
    Path(__file__).with_name("protocol.d.ts").write_text(typescript(), "utf-8")

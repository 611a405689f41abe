"""A visitor's own table below the widgets: what is drawn stays until another can be."""

from dataclasses import replace

import pytest

from dashboard import controls, presets
from dashboard.controls import Choices
from dashboard.session import check
from dashboard.state import Session, Upload
from dashboard.views.own_table import holds, preview, take
from vibcore import sheets
from vibcore.tables import Reading
from vibcore.types import ConfigError


def upload(rows: int, name: str = "t.csv") -> Upload:
    """A file of so many rows: an id, a number with gaps, a word and a class."""
    lines = [f"{7 * i + 3},{i / 3 if i % 9 else ''},{'mf'[i % 2]},{'xyz'[i % 3]}" for i in range(rows)]
    return Upload(name, name, sheets.sheet("\n".join(["id,size,sex,kind", *lines]).encode()))


def taken(session: Session, wanted: Choices, file: Upload) -> Choices:
    """What the page does with a file: read it, and draw it."""
    assert file.sheet is not None
    take(session, wanted, file, file.sheet)
    assert session.own is not None
    session.choices = replace(presets.preset(wanted, controls.OWN), table=session.own.table.digest)
    return session.choices


def test_a_table_that_no_run_can_be_had_of_leaves_what_is_drawn() -> None:
    session = Session(Choices(), [])
    choices = taken(session, Choices(dataset="own"), upload(900))
    large = replace(choices, batch=300)
    check(session, large)
    session.choices = large
    drawn, small = session.own, upload(90, "small.csv")
    with pytest.raises(ConfigError, match="batch: got 300"):
        taken(session, large, small)
    assert session.own is drawn and small.read is None
    check(session, session.choices)  # still to be drawn


def test_the_same_reading_is_read_once_and_another_anew() -> None:
    session, file = Session(Choices(), []), upload(900)
    taken(session, Choices(dataset="own"), file)
    first = session.own
    taken(session, session.choices, file)
    assert session.own is first and first is not None
    file.reading = Reading(gaps="median")
    taken(session, session.choices, file)
    assert session.own is not None and session.own.table.digest != first.table.digest
    assert (len(first.table.x), len(session.own.table.x)) == (800, 900)


def test_a_preview_tells_the_kind_of_every_column_and_why_one_is_left_out() -> None:
    file = upload(90)
    assert file.sheet is not None
    shown = preview(file.sheet)
    assert shown["column"] == ["id", "size", "sex", "kind"]
    assert shown["holds"] == ["number", "number, 10 gaps", "2 words", "3 words"] == [*map(holds, file.sheet.columns)]
    assert shown["left out"] == ["an id by its name, different in every row", "", "", ""]
    assert shown["first rows"][1].startswith("– · 0.333")

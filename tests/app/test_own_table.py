"""A visitor's own table: what is drawn stays until another can be, and a link to it waits for the file."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import controls, links, presets
from dashboard.controls import Choices
from dashboard.session import check
from dashboard.state import Own, Session, Upload
from dashboard.views.own_table import holds, preview, take
from tests.app.driving import frame, lab, opened, until
from vibcore import sheets, tables
from vibcore.tables import Reading, Table
from vibcore.types import ConfigError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # AppTest's own


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


def own(at: AppTest) -> Table:
    """Gives a session a table of its own, as the upload does."""
    rng = np.random.default_rng(0)
    rows = [f"{rng.normal(i % 3):.4f},{rng.normal():.4f},{'abc'[i % 3]}" for i in range(90)]
    table = tables.read("\n".join(["u,v,kind", *rows]).encode())
    lab(at).own = Own(table, "a test")
    return table


def test_an_own_table_becomes_the_problem_and_the_link_names_it() -> None:
    at = opened(steps="30")
    table = own(at)
    at.selectbox(key="dataset.0").set_value("own")
    at.run()
    until(lambda: lab(at).runs and lab(at).runs["classify"].step == 30, at.run)
    assert lab(at).choices.dataset == "own" and lab(at).choices.table == table.digest
    assert lab(at).runs["classify"].dataset.class_names == ("a", "b", "c")
    assert links.write(lab(at).choices)["table"] == table.digest
    assert not at.exception


def test_own_without_a_table_keeps_the_problem_and_says_what_is_wanted() -> None:
    at = opened(steps="30")
    at.selectbox(key="dataset.0").set_value("own")
    at.run()
    assert lab(at).choices.dataset == "spirals"
    assert any("60 rows or more" in c.value for c in at.caption)


def test_a_link_to_somebodys_table_says_so_and_follows_once_it_is_here() -> None:
    digest = own(opened(steps="1")).digest
    at = opened(dataset="own", table=digest, steps="40", seed="7", lr="0.02")
    assert any("does not travel" in w.value for w in at.warning)
    assert lab(at).choices.dataset == "spirals"
    kept = links.parse(frame(at)[1]["link"])
    assert kept["dataset"] == ["own"] and kept["table"] == [digest] and kept["seed"] == ["7"], "for a reload"
    own(at)
    at.selectbox(key="dataset.0").set_value("own")
    at.run()
    at.run()
    assert lab(at).choices.dataset == "own" and lab(at).choices.seed == 7 and lab(at).choices.lr == 0.02
    assert not at.warning


def test_one_visitors_table_is_not_anothers() -> None:
    digest = own(opened(steps="1")).digest
    other = opened(dataset="own", table=digest)
    assert lab(other).own is None and lab(other).choices.dataset == "spirals"

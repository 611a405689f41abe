"""A table of the visitor's own: the file, a look at its columns, how it is to be read, and what was done to read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from dashboard import controls, presets
from dashboard.controls import Choices
from dashboard.session import check
from dashboard.state import Own, Session, Upload
from dashboard.views.notices import plain
from vibcore import sheets, tables
from vibcore.cells import counted
from vibcore.kinds import Column
from vibcore.sheets import Sheet
from vibcore.tables import Reading
from vibcore.types import ConfigError

ABOUT = (
    "A table as text: CSV, TSV, .data, .txt, also packed with gzip; a column of labels and at least one of numbers or "
    "words; 60 rows or more, up to 50 classes, up to 10 MiB. It is kept in the server’s memory while this page is "
    "open, and nowhere else."
)
OTHER_TABLE = (
    "This is not what the link shows: it was made from another file, or from this one with other choices below. The "
    "picture follows when both are the same."
)
GAPS = {"drop": "leave the row out", "median": "fill with the median"}
WORDS = {"one-hot": "0/1 columns", "leave out": "leave out"}
TARGETS = {
    "auto": "as it suits",
    "classes": "a class for each value",
    "real": "a number",
    **{str(n): f"{n} classes, cut at quantiles" for n in range(2, 6)},
}
KINDS = {"number": "number", "word": "words", "date": "date"}


def own_table(session: Session, wanted: Choices) -> Choices:
    """The choices with a table of the visitor's; without one the problem on screen stays, and that is said."""
    keep_file(session, st.file_uploader("Table", key="own.file", help=ABOUT))
    upload = session.upload
    if upload is None or upload.sheet is None:
        if upload is not None:
            refuse(session, upload.refusal)
        elif session.own is None:
            st.caption(ABOUT)
        return with_own(session, wanted) if upload is None else replace(wanted, dataset=session.choices.dataset)
    shape = f"{counted(len(upload.sheet.lines), 'row')}, {counted(len(upload.sheet.columns), 'column')}"
    st.dataframe(preview(upload.sheet), hide_index=True, height=210, width="stretch")
    st.caption(f"{plain(upload.name)}: {shape}")  # below: the table's own buttons float above it
    upload.reading = reading_of(upload)
    try:
        take(session, wanted, upload, upload.sheet)
    except ConfigError as error:
        refuse(session, str(error))
        return replace(wanted, dataset=session.choices.dataset)
    return with_own(session, wanted)


def take(session: Session, wanted: Choices, upload: Upload, sheet: Sheet) -> None:
    """Read the table as it is wanted, where that is new. What is drawn stays where a run of it cannot be had."""
    if upload.read == upload.reading and session.own is not None:
        return
    upload.read, before = None, session.own
    own = Own(tables.read(sheet, upload.reading), upload.name, upload.reading)
    wanted = replace(wanted, table=own.table.digest)
    session.own = own
    try:
        check(session, wanted if session.choices.dataset == controls.OWN else presets.preset(wanted, controls.OWN))
    except ConfigError:
        session.own = before
        raise
    upload.read = upload.reading


def keep_file(session: Session, file: Any) -> None:
    """Read a file that is new, once; one that was refused is remembered with the reason."""
    if file is None or (session.upload is not None and session.upload.file == file.file_id):
        return
    name = sheets.shown(file.name)
    try:
        session.upload = Upload(file.file_id, name, sheets.sheet(file.getvalue()))
    except ConfigError as error:
        session.upload = Upload(file.file_id, name, None, f"{name}: {error}")


def refuse(session: Session, why: str) -> None:
    """Say why a file is not shown, and what is shown in its place."""
    own = session.choices.dataset == controls.OWN and session.own is not None
    shown = session.own.source if own and session.own is not None else session.choices.dataset
    st.error(plain(why))
    st.warning(f"Not drawn: the charts still show {plain(shown)}.")


def with_own(session: Session, wanted: Choices) -> Choices:
    """The choices with the table that was read, and what was done to read it."""
    if session.own is None:
        return replace(wanted, dataset=session.choices.dataset)
    table = session.own.table
    told = f"{len(table.class_names)} classes" if table.class_names else "a number to be predicted"
    st.caption(f"Shown: {counted(len(table.x), 'row')}, {counted(table.x.shape[1], 'feature')}, {told}.")
    if table.notes:
        st.caption("\n".join(f"- {plain(note)}" for note in table.notes))
    if session.wished is not None and session.wished.table != table.digest:
        st.warning(OTHER_TABLE)
    return replace(wanted, table=table.digest)


def preview(sheet: Sheet) -> dict[str, list[str]]:
    """A row for each column: its name, what it holds, its first cells, and why it is left out unless asked for."""
    return {
        "column": list(sheet.names),
        "holds": [holds(column) for column in sheet.columns],
        "first rows": [" · ".join(row[j] or "–" for row in sheet.head[:5]) for j in range(len(sheet.columns))],
        "left out": [column.doubt for column in sheet.columns],
    }


def holds(column: Column) -> str:
    """The kind of a column in words, and its gaps."""
    kind = f"{column.distinct} words" if column.kind == "word" else KINDS[column.kind]
    return kind + (f", {column.gaps:,} gaps" if column.gaps else "")


def reading_of(upload: Upload) -> Reading:
    """How the table is to be read, by widgets that show only what there is to choose."""
    sheet, now = upload.sheet, upload.reading
    if sheet is None:
        return now
    key = f"own.{upload.file}"
    label = st.selectbox("Label column", sheet.names, sheet.names.index(now.label or sheet.label), key=f"{key}.label")
    suggested = tables.suggested(sheet, label)
    kept = suggested if now.features is None or label != (now.label or sheet.label) else now.features
    others = [name for name in sheet.names if name != label]
    features = tuple(st.multiselect("Features", others, [n for n in kept if n in others], key=f"{key}.of.{label}"))
    used = [column for column in sheet.columns if column.name in features]
    gaps, words, target = now.gaps, now.words, now.target
    if any(np.isnan(column.values).any() for column in used):
        gaps = choice("Gaps", GAPS, now.gaps, f"{key}.gaps")
    if any(column.kind == "word" for column in used):
        words = choice("Columns of words", WORDS, now.words, f"{key}.words")
    if sheet.column(label).kind == "number":
        target = choice("Predict", TARGETS, now.target, f"{key}.target.{label}")
    else:
        target = "auto"
    ordered = tuple(name for name in sheet.names if name in features)
    return Reading(label, gaps, words, target, None if ordered == suggested else ordered)


def choice(title: str, options: dict[str, str], value: str, key: str) -> Any:
    """One of a few, by what it means."""
    found = st.selectbox(title, list(options), list(options).index(value), format_func=options.__getitem__, key=key)
    return found

"""Tables of strangers: what is written comes back number by number, and what cannot be used is refused by name."""

import csv
import gzip
import io
import string
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibcore import numerals, spellings, tables
from vibcore.config import DatasetSpec
from vibcore.tables import Reading
from vibcore.types import ConfigError

few = settings(max_examples=40, deadline=None, derandomize=True)
sizes = st.floats(-numerals.HUGE, numerals.HUGE)
words = st.text(string.ascii_letters + ",;\"' äβ", min_size=1, max_size=12).map(str.strip)
classes_of = words.filter(lambda word: word not in spellings.GAPS)


def lines(rows=90, header="a,b,kind", row=lambda i: f"{i / 2},{i * i % 7},{'xyz'[i % 3]}"):
    """A table as lines, so that a test can spoil one of them."""
    return [header, *map(row, range(rows))]


def encoded(rows, end="\n"):
    return end.join([*rows, ""]).encode()


def spoiled(at, line):
    """The usual table with another line at that place, 1 being the header."""
    rows = lines()
    rows[at - 1] = line
    return encoded(rows)


GOOD = encoded(lines())
TABLE = tables.read(GOOD)
OWN = DatasetSpec("own", flip=0.0, digest=TABLE.digest)


def refusal(call, *arguments):
    """What is said of a table that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        call(*arguments)
    assert len(str(caught.value)) < 450  # whatever was sent
    return str(caught.value)


@few
@given(
    classes=st.lists(classes_of, min_size=2, max_size=4, unique=True),
    data=st.data(),
    label=st.integers(0, 2),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_finite_numbers_and_classes_come_back(classes, data, label, separator, end):
    x = data.draw(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=8))
    rows = [[*map(repr, x[i % len(x)])] for i in range(72)]
    kinds = [classes[i % len(classes)] for i in range(72)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end)
    writer.writerows([[*f[:label], k, *f[label:]] for f, k in zip([["a", "b"], *rows], ["kind", *kinds], strict=True)])
    found = tables.read(buffer.getvalue().encode(), Reading("kind", features=("a", "b")))
    np.testing.assert_array_equal(found.x, [x[i % len(x)] for i in range(72)])
    assert [found.class_names[c] for c in found.y] == kinds
    assert found.feature_names == ("a", "b")


def test_a_table_has_the_shapes_and_types_it_promises():
    assert TABLE.x.shape == (90, 2) and TABLE.x.dtype == np.float64
    assert TABLE.y.shape == (90,) and TABLE.y.dtype == np.int64
    assert (TABLE.feature_names, TABLE.class_names) == (("a", "b"), ("x", "y", "z"))
    np.testing.assert_array_equal(TABLE.y, np.arange(90) % 3)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD,
        encoded(lines(), "\r\n"),
        encoded(lines(), "\r"),
        GOOD + b"\n\r\n  \n",
        b"\n\n" + GOOD,
        GOOD.replace(b",", b";"),
        GOOD.replace(b",", b"\t"),
        GOOD.replace(b",", b" , "),
        GOOD.rstrip(b"\n"),
        spoiled(1, '"a","b","kind"'),
        spoiled(1, "a,b\x00,\u200bkind\x07"),
        spoiled(2, '"0.0", "0","x"'),
        GOOD.replace(b",", b"|"),
        GOOD.replace(b",", b"  "),
        GOOD.decode().encode("utf-16"),
        gzip.compress(GOOD),
        b"sep=;\r\n" + GOOD.replace(b",", b";"),
        b"# by hand\n" + GOOD,
        GOOD.replace(b"\n", b",,\n"),
        GOOD.replace(b"x\n", b"'x'\n").replace(b"y\n", b"'y'\n").replace(b"z\n", b"'z'\n"),
    ],
    ids=[
        "a byte order mark",
        "CRLF",
        "CR",
        "blank last lines",
        "blank first lines",
        "semicolons",
        "tabs",
        "spaces",
        "no last line end",
        "a quoted header",
        "what cannot be printed",
        "quoted cells",
        "bars",
        "blanks",
        "UTF-16",
        "gzip",
        "a separator line",
        "a comment",
        "empty columns",
        "single quotes",
    ],
)
def test_a_table_is_the_same_however_it_was_saved(data):
    found = tables.read(data)
    np.testing.assert_array_equal(found.x, TABLE.x)
    np.testing.assert_array_equal(found.y, TABLE.y)
    assert (found.feature_names, found.class_names) == (TABLE.feature_names, TABLE.class_names)


def test_a_quoted_name_may_hold_the_separator():
    assert tables.columns(spoiled(1, '"a,b;c;d","e","kind"')) == ("a,b;c;d", "e", "kind")


def test_any_column_may_be_the_label_and_the_last_one_is_unless_said():
    rows = encoded(lines(header="a,b,c", row=lambda i: f"{i % 3},{i % 7},{i % 4}"))
    assert tables.columns(rows) == ("a", "b", "c")
    first, last = tables.read(rows, Reading("a")), tables.read(rows)
    assert (first.feature_names, first.class_names) == (("b", "c"), ("0", "1", "2"))
    assert (last.feature_names, last.class_names) == (("a", "b"), ("0", "1", "2", "3"))


def test_classes_that_are_numbers_are_ordered_by_size():
    rows = encoded(lines(row=lambda i: f"{i},1,{('10', '9', '-1.5')[i % 3]}"))
    assert tables.read(rows).class_names == ("-1.5", "9", "10")


def test_long_names_are_cut():
    rows = encoded(lines(header=f"{'a' * 99},b,{'k' * 99}", row=lambda i: f"{i},1,{'xy'[i % 2] * 99}"))
    found = tables.read(rows, Reading("k" * 99, features=("a" * 99, "b")))
    assert found.feature_names == ("a" * 40, "b") and found.class_names == ("x" * 40, "y" * 40)


def test_a_digest_tells_tables_and_label_columns_apart():
    rows = encoded(lines(row=lambda i: f"{i % 3},{i % 7},{i % 4}"))
    kinds_of = {"gaps": "median"}, {"words": "leave out"}, {"target": "2"}, {"features": ("a",)}
    readings = [Reading("a"), Reading("b"), Reading("kind"), *(Reading("kind", **each) for each in kinds_of)]
    every = [tables.read(data, reading).digest for data in (rows, rows + b"\n") for reading in readings]
    assert len(set(every)) == 14 and all(len(digest) == 64 for digest in every)
    assert tables.read(rows).digest == every[2] == tables.read(rows, Reading("kind", features=("a", "b"))).digest


REFUSED = [
    (b"", "table: got 'an empty file', expected a header and rows of numbers. Choose another"),
    (b" \n\n", "table: got 'an empty file'"),
    (b'""\n', "table: got 'no row'"),
    (b"1" * (10 * 2**20 + 1), "table: got 'more than 10 MiB', expected at most 10 MiB, unpacked. Leave out rows or"),
    (gzip.compress(b"1" * 2**25), "table: got 'more than 10 MiB', expected at most 10 MiB, unpacked"),
    (gzip.compress(GOOD)[:60], "table: got 'a damaged gzip file"),
    (encoded(["kind", *"xyz" * 30]), "table: got 'one column', expected a label and at least one feature. Separate"),
    (b",".join(b"%d" % i for i in range(3000)), "table: got '3,000 columns', expected at most 2,048. Leave out"),
    (spoiled(7, "1,2"), "table line 7: got '2 cells', expected 3 as in most rows. Complete the row, or quote"),
    (spoiled(7, "1,2,x,4"), "table line 7: got '4 cells', expected 3 as in most rows"),
    (spoiled(7, '1,2,"x'), "table line 7: got 'a quote that is never closed', expected cells of a CSV file. Close"),
    (spoiled(7, '1,2,"x"y'), "table line 7: got ', expected after \"', expected cells of a CSV file. Close"),
    (spoiled(7, "1,2," + "x" * 140_000), "table line 7: got 'field larger than field limit"),
    (encoded(lines(59)), "table: got '59 rows', expected at least 60 rows with a label below the header. Give"),
    (encoded(lines(row=lambda i: f"{i / 2},1,x")), "label column: got '1 class in kind', expected 2 to 50. Choose"),
    (encoded(lines(500, row=lambda i: f"1,{i % 7},c{i % 51}")), "label column: got '51 classes in kind', expected"),
    (encoded(lines(row=lambda i: f"1,{i % 7},{'x' if i else 'w'}")), "label column: got '1 row of class w', expected"),
]


@pytest.mark.parametrize(("data", "says"), REFUSED, ids=range(len(REFUSED)))
def test_a_table_that_cannot_be_used_is_refused_by_name(data, says):
    assert refusal(tables.read, data).startswith(says)


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e400", "1e101", "word", "1_000", "0x1", "1:2", "<0.1", "1.2.3"])
def test_a_cell_that_is_no_finite_number_among_numbers_is_a_gap_and_named_with_its_place(cell):
    found = tables.read(spoiled(8, f"1,{cell},x"))
    assert f"b: 1 cell without a finite number taken as a gap: line 8 ({cell})." in found.notes
    assert "1 row of 90 left out for gaps: b (1)." in found.notes
    np.testing.assert_array_equal(found.x, np.delete(TABLE.x, 6, axis=0))


@pytest.mark.parametrize("cell", ["", " ", "NA", "?", "null", "NaN", "None", "n/a", "-", "."])
def test_a_gap_among_numbers_drops_its_row_or_is_filled_by_choice(cell):
    data = spoiled(8, f"1,{cell},x")
    np.testing.assert_array_equal(tables.read(data).x, np.delete(TABLE.x, 6, axis=0))
    found = tables.read(data, Reading(gaps="median"))
    assert np.isnan(found.x[6]).tolist() == [False, True]
    made = tables.dataset(found, replace(OWN, digest=found.digest))
    rest = made.train[made.train != 6]
    column = tables.dataset(TABLE, OWN).x[:, 1]
    assert np.isfinite(made.x).all() and len(made.x) == 90
    middle = np.median(TABLE.x[rest, 1])
    like = next(i for i in rest if TABLE.x[i, 1] == middle)
    assert made.x[6, 1] == made.x[like, 1] and column.shape == (90,)


def test_what_is_quoted_is_cut():
    assert "".join(tables.read(spoiled(8, f"1,{'w' * 10**5},x")).notes).count("w") < 60
    assert refusal(tables.read, GOOD, Reading("w" * 10**5)).count("w") == 40


def test_a_label_column_that_is_not_there_is_refused():
    says = "table column: got 'sort', expected one of a, b, kind. Choose one of these columns."
    assert refusal(tables.read, GOOD, Reading("sort")) == says
    wide = encoded([",".join(f"c{i}" for i in range(200)), *[",".join("1" * 200)] * 60])
    assert "c19, …. Choose" in refusal(tables.read, wide, Reading("sort"))

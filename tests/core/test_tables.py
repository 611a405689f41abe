"""Tables of strangers: what is written comes back number by number, and what cannot be used is refused by name."""

import csv
import io
import itertools
import string
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vibcore import datasets, tables
from vibcore.types import Config, ConfigError, DatasetSpec

few = settings(max_examples=40, deadline=None, derandomize=True)
sizes = st.floats(-tables.HUGE, tables.HUGE)
words = st.text(string.ascii_letters + ",;\"' äβ", min_size=1, max_size=12).map(str.strip).filter(bool)


def lines(rows=90, header="a,b,kind", row=lambda i: f"{i},{i * i % 7},{'xyz'[i % 3]}"):
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
@given(classes=st.lists(words, min_size=2, max_size=4, unique=True), data=st.data(), label=st.integers(0, 2),
       separator=st.sampled_from(",;\t"), end=st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_any_finite_numbers_and_classes_come_back(classes, data, label, separator, end):
    x = data.draw(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=8))
    rows = [[*map(repr, x[i % len(x)])] for i in range(72)]
    kinds = [classes[i % len(classes)] for i in range(72)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end)
    writer.writerows([[*f[:label], k, *f[label:]] for f, k in zip([["a", "b"], *rows], ["kind", *kinds], strict=True)])
    found = tables.read(buffer.getvalue().encode(), "kind")
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
    [b"\xef\xbb\xbf" + GOOD, encoded(lines(), "\r\n"), encoded(lines(), "\r"), GOOD + b"\n\r\n  \n", b"\n\n" + GOOD,
     GOOD.replace(b",", b";"), GOOD.replace(b",", b"\t"), GOOD.replace(b",", b" , "), GOOD.rstrip(b"\n"),
     spoiled(1, '"a","b","kind"'), spoiled(1, "a,b\x00,\u200bkind\x07"), spoiled(2, '"0", "0","x"')],
    ids=["a byte order mark", "CRLF", "CR", "blank last lines", "blank first lines", "semicolons", "tabs", "spaces",
         "no last line end", "a quoted header", "what cannot be printed", "quoted cells"],
)  # fmt: skip
def test_a_table_is_the_same_however_it_was_saved(data):
    found = tables.read(data)
    np.testing.assert_array_equal(found.x, TABLE.x)
    np.testing.assert_array_equal(found.y, TABLE.y)
    assert (found.feature_names, found.class_names) == (TABLE.feature_names, TABLE.class_names)


def test_a_quoted_name_may_hold_the_separator():
    assert tables.columns(spoiled(1, '"a,b;c;d","e","kind"')) == ("a,b;c;d", "e", "kind")


def test_any_column_may_be_the_label_and_the_last_one_is_unless_said():
    rows = encoded(lines(row=lambda i: f"{i % 3},{i % 7},{i % 4}"))
    assert tables.columns(rows) == ("a", "b", "kind")
    first, last = tables.read(rows, "a"), tables.read(rows)
    assert (first.feature_names, first.class_names) == (("b", "kind"), ("0", "1", "2"))
    assert (last.feature_names, last.class_names) == (("a", "b"), ("0", "1", "2", "3"))


def test_classes_that_are_numbers_are_ordered_by_size():
    rows = encoded(lines(row=lambda i: f"{i},1,{('10', '9', '-1.5')[i % 3]}"))
    assert tables.read(rows).class_names == ("-1.5", "9", "10")


def test_long_names_are_cut():
    rows = encoded(lines(header=f"{'a' * 99},b,{'k' * 99}", row=lambda i: f"{i},1,{'xy'[i % 2] * 99}"))
    found = tables.read(rows, "k" * 99)
    assert found.feature_names == ("a" * 40, "b") and found.class_names == ("x" * 40, "y" * 40)


def test_a_digest_tells_tables_and_label_columns_apart():
    rows = encoded(lines(row=lambda i: f"{i % 3},{i % 7},{i % 4}"))
    every = [tables.read(data, label).digest for data in (rows, rows + b"\n") for label in ("a", "b", "kind")]
    assert len(set(every)) == 6 and all(len(digest) == 64 for digest in every)
    assert tables.read(rows).digest == every[2]


REFUSED = [
    (b"", "table: got 'an empty file', expected a header and rows of numbers. Choose another"),
    (b" \n\n", "table: got 'an empty file'"),
    (b'""\n', "table: got '0 features'"),
    (b"a,b\xff\n1,2", "table: got 'byte 3 that is no UTF-8', expected a text file. Save the table as CSV in UTF-8."),
    (b"1" * (10 * 2**20 + 1), "table: got '10.0 MiB', expected at most 10 MiB. Leave out rows or columns."),
    (spoiled(1, "1,2.5,-3e4"), "table: got 'numbers in the first line', expected names of the columns. Write"),
    (spoiled(1, "a,,kind"), "table column 2: got 'no name', expected a name in the first line. Name every column"),
    (spoiled(1, "a,\x07,kind"), "table column 2: got 'no name'"),
    (spoiled(1, "a, a,kind"), "table columns: got 'a 2 times', expected names that differ in their first 40 char"),
    (spoiled(1, f"{'a' * 41},{'a' * 42},kind"), f"table columns: got '{'a' * 40} 2 times', expected names that differ"),
    (spoiled(1, "kind"), "table: got '0 features', expected 1 to 256. Give a label and at least one feature, and sep"),
    (b"," * 10**6, "table: got '1000000 features', expected 1 to 256. Give a label"),
    (spoiled(7, "1,2"), "table line 7: got '2 cells', expected 3 as in the header. Complete the row, or quote"),
    (spoiled(7, "1,2,x,"), "table line 7: got '4 cells', expected 3 as in the header"),
    (spoiled(7, '1,2,"x'), "table line 91: got 'unexpected end of data', expected cells of a CSV file. Close every"),
    (spoiled(7, '1,2,"x"y'), "table line 7: got ', expected after \"', expected cells of a CSV file. Close"),
    (spoiled(7, "1,2," + "x" * 140_000), "table line 7: got 'field larger than field limit"),
    (encoded(lines(59)), "table: got '59 rows', expected 60 to 5000 rows below the header. Give more or fewer."),
    (encoded(lines(5001)), "table: got 'more than 5000 rows', expected 60 to 5000 rows below the header. Give"),
    (spoiled(5, "1,2, "), "table line 5, column 'kind': got '', expected a class. Fill the gap or leave out the row"),
    (encoded(lines(row=lambda i: f"{i},1,x")), "label column: got '1 classes', expected 2 to 10. Choose another label"),
    (encoded(lines(row=lambda i: f"1,1,{i % 11}")), "label column: got '11 classes', expected 2 to 10. Choose another"),
    (spoiled(9, "1,2,w"), "label column: got '1 rows of class w', expected at least 6 of each: a third is for testing"),
    (encoded(lines(row=lambda i: f"1,1,{'x' * (41 + i % 2)}")),
     f"label column: got '{'x' * 40} 2 times', expected classes that differ in their first 40 characters. Shorten"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "says"), REFUSED, ids=range(len(REFUSED)))
def test_a_table_that_cannot_be_used_is_refused_by_name(data, says):
    assert refusal(tables.read, data).startswith(says)


@pytest.mark.parametrize(
    "cell", ["nan", "NaN", "inf", "-inf", "1e400", "1e101", "", " ", "word", "1_000", "0x1", "1:2"]
)
def test_a_cell_that_is_no_finite_number_is_refused_with_its_place(cell):
    says = f"table line 8, column 'b': got {cell.strip()!r}, expected a finite number, at most 1e+100 in size. Write"
    assert refusal(tables.read, spoiled(8, f"1,{cell.strip()},x")).startswith(says)


def test_what_is_quoted_is_cut():
    assert refusal(tables.read, spoiled(8, f"1,{'w' * 10**5},x")).count("w") < 50
    assert refusal(tables.read, GOOD, "w" * 10**5).count("w") == 40


def test_a_label_column_that_is_not_there_is_refused():
    says = "label column: got 'sort', expected one of a, b, kind. Choose one of these columns."
    assert refusal(tables.read, GOOD, "sort") == says
    wide = encoded([",".join(f"c{i}" for i in range(200))])
    assert "c19, …. Choose" in refusal(tables.read, wide, "sort")


@pytest.mark.parametrize("data", [data for data, says in REFUSED if says.startswith(("table:", "table column"))
                                  and " rows'" not in says])  # fmt: skip
def test_columns_of_what_has_no_header_are_refused_alike(data):
    assert refusal(tables.columns, data) == refusal(tables.read, data)


def test_a_dataset_of_a_table_is_standardised_and_split_as_the_built_in_ones():
    found = tables.dataset(TABLE, OWN)
    expected = datasets.from_table(TABLE.x, TABLE.y, OWN, ["a", "b"], ["x", "y", "z"])
    for field in ("x", "y", "train", "test"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
    assert (found.spec, found.feature_names, found.class_names) == (OWN, ("a", "b"), ("x", "y", "z"))
    assert found.x.dtype == np.float32 and found.image_shape is None


def test_equal_specs_give_equal_arrays_and_other_seeds_do_not():
    spec = replace(OWN, flip=0.2)
    one, same, other = (tables.dataset(TABLE, s) for s in (spec, replace(spec), replace(spec, seed=1)))
    for field in ("x", "y", "train", "test"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert not np.array_equal(one.y, other.y) and not np.array_equal(one.train, other.train)


def test_labels_of_a_table_are_flipped_as_often_as_asked():
    table = tables.read(encoded(lines(3000)))
    spec = DatasetSpec("own", flip=0.3, digest=table.digest)
    flipped = tables.dataset(table, spec).y != table.y
    assert flipped.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 3000))


@pytest.mark.parametrize("constant", ["7", "0.1", "1e99", "1e-320"])
def test_a_feature_that_never_changes_stays_a_number(constant):
    table = tables.read(encoded(lines(row=lambda i: f"{i},{constant},{i % 3}")))
    found = tables.dataset(table, replace(OWN, digest=table.digest))
    assert np.isfinite(found.x).all() and np.ptp(found.x[:, 1]) == 0


def test_a_value_far_from_all_that_training_sees_is_refused():
    """It can only stand in the test rows: among those of training it would raise their deviation."""
    says = (
        r"table column 'a': got 'a value far from all others', expected at most 1e\+06 deviations.*\. Correct that row"
    )
    specs = [replace(OWN, seed=seed) for seed in range(6)]
    table = tables.read(spoiled(11, "1e40,2,x"))
    held_out = [9 in tables.dataset(TABLE, spec).test for spec in specs]
    assert {*held_out} == {True, False}
    for spec, out in zip((replace(s, digest=table.digest) for s in specs), held_out, strict=True):
        if out:
            with pytest.raises(ConfigError, match=says):
                tables.dataset(table, spec)
        else:
            assert np.isfinite(tables.dataset(table, spec).x).all()


def test_a_spec_of_another_table_is_refused():
    other = replace(OWN, digest="0" * 64)
    says = f"own table: got '000000000000…', expected the digest of this table, {TABLE.digest[:12]}…. Give the table"
    assert refusal(tables.dataset, TABLE, other).startswith(says)
    assert refusal(tables.dataset, TABLE, replace(OWN, flip=0.5)).startswith("dataset flip: got 0.5")


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "G" * 64, "0" * 64 + "\n"])
def test_an_own_table_is_legal_with_a_digest_alone(digest):
    datasets.check(OWN)
    says = f"dataset digest: got {digest[:12]!r}, expected the 64 hexadecimal digits of an own table's sha256. Read"
    assert refusal(datasets.check, replace(OWN, digest=digest)).startswith(says)


def test_an_own_table_cannot_be_loaded_by_its_name():
    says = "dataset: got 'own', expected a set that is known by its name. Read it with vibcore.tables.read and give"
    assert refusal(datasets.load, OWN).startswith(says)
    assert "own" not in datasets.names()


def test_a_config_with_a_table_survives_json():
    config = Config(OWN)
    assert Config.from_json(config.to_json()) == config


def test_no_bytes_break_the_reader():
    """Whatever is sent is a table or a ConfigError: every spoiling of the good one by a byte."""
    for place, byte in itertools.product(range(0, len(GOOD), 23), b'\x00"\r\n,;\xc3-e9'):
        data = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
        try:
            assert np.isfinite(tables.read(data).x).all()
        except ConfigError as error:
            assert len(str(error)) < 450

"""Tables as people really have them: what is read, what is said of it, and what is refused by its name."""

import codecs
import gzip
import io
import zipfile

import numpy as np
import pytest

from vibcore import tables
from vibcore.types import ConfigError

RNG = np.random.default_rng(11)
N = 72
A, B = RNG.normal(5, 2, N).round(2), RNG.normal(-1, 1, N).round(3)
KINDS = ["low", "mid", "high"]
KIND = [KINDS[i % 3] for i in range(N)]
X = np.stack([A, B], axis=1)


def rows(a=A, b=B, kind=KIND, header="a,b,kind", end="\n", to=",", more=()):
    """A table of two numbers and a class as text, whatever each cell is."""
    cells = zip(map(str, a), map(str, b), map(str, kind), strict=True)
    return end.join([*([header] if header else []), *map(to.join, cells), *more, ""])


def joined(*columns, header="", to=","):
    return "\n".join(
        [*([header] if header else []), *map(to.join, zip(*(map(str, c) for c in columns), strict=True)), ""]
    )


def comma(values):
    return [str(v).replace(".", ",") for v in values]


BIG = (np.arange(N) * 13 + 997).tolist()  # some below and most above a thousand
GERMAN = [f"{v:,}".replace(",", ".") for v in BIG]
SPACED = [f"{v:,}".replace(",", "\u00a0") for v in BIG]
MIXED = [*BIG[:3], *A[3:]]
READ = {
    # how the text is packed, encoded and separated
    "UTF-16 with a mark": (rows().encode("utf-16"), X, ["UTF-16"]),
    "UTF-16 without one": (rows().encode("utf-16-le"), X, ["UTF-16"]),
    "UTF-8 with a mark twice": (codecs.BOM_UTF8 * 2 + rows().encode(), X, []),
    "gzip": (gzip.compress(rows().encode()), X, ["Unpacked from gzip"]),
    "Windows-1252": (rows(kind=[k.replace("i", "ä") for k in KIND], header="größe,b,Maß").encode("cp1252"), X,
                     ["Windows-1252", "a guess"]),
    "Mac Roman": (rows(kind=[k.replace("i", "ä") for k in KIND], header="größe,b,kind").encode("mac_roman"), X,
                  ["Mac Roman", "a guess"]),
    "DOS": (rows(kind=[k.replace("i", "ü") for k in KIND], header="größe,b,kind").encode("cp850"), X, ["850"]),
    "Cyrillic": (rows(kind=[{"low": "низкий", "mid": "средний", "high": "высокий"}[k] for k in KIND],
                      header="длина,ширина,уровень").encode("cp1251"), X, ["cp1251", "a guess"]),
    "carriage returns alone": (rows(end="\r").encode(), X, []),
    "carriage returns twice": (rows(end="\r\r\n").encode(), X, []),
    "an end of file of old": (rows().encode() + b"\x1a", X, []),
    "bars": (rows(to="|", header="a|b|kind"), X, ["vertical bars"]),
    "bars at both ends": (joined([""] * N, A, B, KIND, [""] * N, to=" | ", header="| a | b | kind |"), X,
                          ["2 empty columns left out"]),
    "tabs": (rows(to="\t", header="a\tb\tkind"), X, ["tabs"]),
    "runs of blanks": (rows(to="   ", header="a b  kind"), X, ["blanks"]),
    "a separator line": ("sep=;\n" + rows(to=";", header="a;b;kind"), X, ["names the separator"]),
    "a quoted separator line": ('"sep=|"\r\n' + rows(to="|", header="a|b|kind"), X, ["names the separator"]),
    "commas in names": (rows(to=";", header="a (mm, left);b (g, net, dry);kind, real"), X, ["semicolons"]),
    "semicolons in classes": (rows(kind=[f"{k};{k}" for k in KIND]), X, []),
    "breaks in quotes": (rows(kind=[f'"{k}\nand more"' for k in KIND], header='a,"b\nin mm",kind'), X, []),
    "quotes in quotes": (rows(kind=[f'"{k} ""so"""' for k in KIND]), X, []),
    "quotes by backslash": (rows(kind=[f'"{k} \\"so\\", yes"' for k in KIND]), X, ["backslash"]),
    "inches": (rows(kind=[f'{len(k)}" pipe' for k in KIND], header="a,b,kind"), X, []),
    "apostrophes": (rows(kind=[f"{k} o'clock" for k in KIND]), X, []),
    "single quotes": (rows(kind=[f"'{k}, sir'" for k in KIND]), X, ["Single quotes"]),
    "whole lines in quotes": ("\n".join(f'"{line}"' for line in rows().split("\n") if line), X, ["whole lines"]),
    "row names of R": ('"a" "b" "kind"\n' + joined([f'"r{i}"' for i in range(N)], A, B, KIND, to=" "), X,
                       ["it names the rows"]),
    # what stands around the table
    "a title": ("Measured in May\n\n" + rows(), X, ["Left out above the table: line 1 (Measured in May)"]),
    "comments": ("# by hand\n// twice\n" + rows(), X, ["comment"]),
    "a commented header": ("# by hand\n# a b kind\n" + rows(header="", to=" "), X, ["commented line"]),
    "rows affected": (rows(more=["", f"({N} rows affected)"]), X, ["Left out below the table"]),
    "a sum": (rows(more=["Total,,72"]), X, ["Left out below the table"]),
    "rows of commas": (rows(more=[",,", ",,"]), X, ["2 empty rows left out"]),
    "columns of commas": (rows().replace("\n", ",,\n"), X, ["2 empty columns left out"]),
    "a comma behind the names": (rows(header="a,b,kind,"), X, []),
    "units": (rows(header="a,b,kind\nmm,g,"), X, ["Line 2 holds no values but units"]),
    "the header twice": (rows(more=["a,b,kind", "1,2,low", "2,3,low"]), np.vstack([X, [1, 2], [2, 3]]),
                         ["header comes again"]),
    # names
    "no names": (rows(header=""), X, ["x1 to x3"]),
    "no names over numbers": (joined(A, B, [i % 3 for i in range(N)]), X, ["x1 to x3"]),
    "years as names": (rows(header="1998,1999,kind"), X, []),
    "counted names": (joined(A, B, [i % 3 for i in range(N)], header="0,1,2"), X, []),
    "blanks around names": (rows(header=" a , b, kind "), X, ["Blanks around cells"]),
    "a name twice": (rows(header="a,a,kind"), X, ["a (2)"]),
    # numbers
    "decimal commas": (rows(comma(A), comma(B), to=";", header="a;b;kind"), X, ["decimal commas are read in a, b"]),
    "quoted decimal commas": (rows([f'"{v}"' for v in comma(A)]), X, ["decimal commas are read in a"]),
    "decimal commas and blanks": (rows(comma(A), comma(B), to=" ", header="a b kind"), X, ["decimal commas"]),
    "points for thousands": (rows(GERMAN, to=";", header="a;b;kind", b=comma(B)), (BIG, B),
                             ["thousands", "decimal commas"]),
    "points for thousands alone": (rows(GERMAN, to=";", header="a;b;kind", b=[1] * N), (BIG, [1] * N), ["thousands"]),
    "commas for thousands": (rows([f'"{v:,}"' for v in BIG]), (BIG, B), ["between thousands are read in a"]),
    "both": (rows([f"{v:,}".replace(",", ".") + ",5" for v in BIG], to=";", header="a;b;kind"),
             (np.array(BIG) + 0.5, B), ["thousands", "decimal commas"]),
    "blanks for thousands": (rows(SPACED, to=";", header="a;b;kind"), (BIG, B), ["between thousands are read in a"]),
    "apostrophes for thousands": (rows([f"{v:,}".replace(",", "’") for v in BIG]), (BIG, B), ["thousands"]),
    "true minus signs": (rows(b=[str(v).replace("-", "−") for v in B]), X, ["minus signs other than -"]),
    "brackets for minus": (rows(b=[f"({-v})" if v < 0 else str(v) for v in B]), X, ["brackets"]),
    "currency and percent": (rows([f"${v}" for v in A], [f"{v}%" for v in B]), X, ["currencies", "percent"]),
    "euros behind": (rows([f"{v} €" for v in comma(A)], to=";", header="a;b;kind"), X, ["currencies"]),
    "units behind": (rows([f"{v} kg" for v in A]), X, ["the unit kg"]),
    "Fortran": (rows([f"{v:.2E}".replace("E", "D") for v in A]), X, ["Fortran"]),
    "cells left alone by Excel": (rows([f'="{v}"' for v in A]), X, []),
    "true and false": (rows(["TRUE" if v > 5 else "FALSE" for v in A]), (A > 5, B), ["0/1"]),
    "two words": (rows(["f" if v > 5 else "m" for v in A]), (A < 5, B), ["0/1"]),
    # columns that had better not be used
    "an index": (joined(range(N), A, B, KIND, header=",a,b,kind"), X, ["column 1 (it counts the rows)"]),
    "Unnamed: 0": (joined(range(N), A, B, KIND, header="Unnamed: 0,a,b,kind"), X, ["Unnamed: 0 (it counts"]),
    "a shuffled index": (joined(RNG.permutation(N), A, B, KIND, header="n,a,b,kind"), X, ["n (it counts the rows)"]),
    "an index of a part": (joined(np.arange(N) * 3, A, B, KIND, header="Unnamed: 0,a,b,kind"), X,
                           ["Unnamed: 0 (an id"]),
    "an id": (joined(RNG.permutation(N) * 17 + 842302, A, B, KIND, header="patient_id,a,b,kind"), X,
              ["patient_id (an id"]),
    "names of people": (joined([f"Doe {i}" for i in range(N)], A, B, KIND, header="who,a,b,kind"), X,
                        ["who (72 different words)"]),
    "dates": (joined([f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(N)], A, B, KIND, header="day,a,b,kind"), X,
              ["day (dates)"]),
    "times": (joined([f"{i % 24}:{i % 60:02}" for i in range(N)], A, B, KIND, header="at,a,b,kind"), X, ["at (dates)"]),
    "hexadecimal": (joined([hex(i) for i in range(N)], A, B, KIND, header="h,a,b,kind"), X, ["hexadecimal"]),
    "nearly empty": (joined([i if i % 5 == 0 else "" for i in range(N)], A, B, KIND, header="e,a,b,kind"), X,
                     ["e (57 of 72 cells are empty)"]),
    # gaps and labels
    "gaps": (rows(["?" if i % 9 == 0 else v for i, v in enumerate(A)]), X[np.arange(N) % 9 > 0],
             ["8 rows of 72 left out for gaps: a (8)"]),
    "a word among numbers": (rows(["n/k" if i == 4 else v for i, v in enumerate(A)]), np.delete(X, 4, axis=0),
                             ["line 6 (n/k)", "1 row of 72 left out"]),
    "labels that are gaps": (rows(kind=[("NA", "", "?", "null", "nan")[i % 5] if i % 8 == 0 else k
                                        for i, k in enumerate(KIND)]), X[np.arange(N) % 8 > 0],
                             ["9 rows have no label"]),
    "a rare class": (rows(kind=["odd" if i in (3, 4) else k for i, k in enumerate(KIND)]), np.delete(X, [3, 4], axis=0),
                     ["fewer than 6 rows are left out: odd (2)"]),
    "blanks around labels": (rows(kind=[(" {}", "{} ", "{}")[i % 5 % 3].format(k) for i, k in enumerate(KIND)]), X,
                             ["Blanks around cells"]),
    "labels alike": (rows(kind=["Low" if i % 6 == 0 else k for i, k in enumerate(KIND)]), X, ["Low and low"]),
    "labels with a point": (rows(kind=["low." if i % 6 == 0 else k for i, k in enumerate(KIND)]), X, ["low and low."]),
    "0 and 0.0": (rows(kind=[("0", "0.0", "1", "1.0", "2")[i % 5] for i in range(N)]), X, ["0 and 0.0, 1 and 1.0"]),
    "numbers that stand for gaps": (rows(["-999" if i in (5, 7) else v for i, v in enumerate(A)]), None,
                                    ["a holds -999 in 2 rows"]),
    "the label first": (joined(KIND, A, B, header="kind,a,b"), X, []),
    "the label first without names": (joined([i % 3 + 1 for i in range(N)], A, B), X, []),
    "one-hot labels": (joined(A, B, [i % 2 for i in range(N)], [1 - i % 2 for i in range(N)], header="a,b,is_x,is_y"),
                       None, ["is_x gives the label away"]),
}  # fmt: skip


def encoded(text):
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize(("data", "x", "says"), READ.values(), ids=READ)
def test_a_table_is_read_and_what_was_done_is_said(data, x, says):
    found = tables.read(encoded(data))
    notes = "\n".join(found.notes)
    for part in says:
        assert part in notes
    if x is not None:
        expected = np.stack([np.asarray(c, dtype=float) for c in x], axis=1) if isinstance(x, tuple) else x
        np.testing.assert_allclose(found.x, expected, rtol=1e-12)
    assert 2 <= len(found.class_names) <= 6 and set(found.y) == set(range(len(found.class_names)))


QUIET = {
    "plain": rows(),
    "quoted": rows(kind=[f'"{k}"' for k in KIND], header='"a","b","kind"'),
    "CRLF": rows(end="\r\n"),
}


@pytest.mark.parametrize("data", QUIET.values(), ids=QUIET)
def test_of_a_plain_table_there_is_nothing_to_say(data):
    assert tables.read(encoded(data)).notes == ()


def packed(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return buffer.getvalue()


LETTERS = [f"c{i % 60}" for i in range(3 * N)]
REFUSED = {
    "an Excel workbook": (packed("[Content_Types].xml", "xl/workbook.xml"), "got 'an Excel workbook', expected a text"),
    "another archive": (packed("a.csv"), "ZIP archive', expected a text file"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\0" * 600, "got 'an old Excel workbook'"),
    "a PDF": (b"%PDF-1.7\n" + b"\x80" * 99, "got 'a PDF document'"),
    "Parquet": (b"PAR1" + b"\x15\x04" * 99, "got 'a Parquet file', expected a text file. Write the table as CSV"),
    "a NumPy array": (b"\x93NUMPY\x01\0v\0", "got 'a NumPy array'"),
    "a pickle": (b"\x80\x04\x95" + b"\0" * 99, "got 'a Python pickle'"),
    "a database": (b"SQLite format 3\0" + b"\0" * 99, "got 'an SQLite database'"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "got 'a picture'"),
    "noise": (RNG.bytes(4000), "expected"),
    "a web page": ("<!DOCTYPE html>\n<html><head><title>a,b</title></head></html>", "got 'a web page (HTML)'"),
    "XML": ('<?xml version="1.0"?>\n<rows><row a="1"/></rows>', "got 'an XML file'"),
    "a Git LFS pointer": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1", "Git LFS pointer"),
    "ARFF": ("% old\n@RELATION r\n@attribute a numeric\n@data\n1,x\n", "got 'an ARFF file'"),
    "JSON": ('[{"a": 1, "kind": "x"}]', "got 'a JSON file'"),
    "JSON of arrays": ("[[1, 2], [3, 4]]", "got 'a JSON file'"),
    "svmlight": ("+1 1:0.5 7:1\n-1 2:0.25\n" * 50, "got 'a sparse table (svmlight)'"),
    "SQL": ("-- dump\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);", "got 'an SQL script'"),
    "an empty file": (" \n\n", "got 'an empty file'"),
    "names alone": ("a,b,kind\n", "got '0 rows', expected a header and rows below it"),
    "few rows": ("\n".join(rows().split("\n")[:40]), "got '39 rows', expected at least 60 rows"),
    "few rows without gaps": (rows(["" if i % 3 == 0 else v for i, v in enumerate(A)]),
                              "got '48 rows without gaps, of 72', expected at least 60 rows with a label below the "
                              "header. "
                              "Fill gaps with the median"),
    "one column": ("\n".join(["kind", *KIND]), "got 'one column', expected a label and at least one feature. Separate"),
    "rows that are wider": (rows().replace("low", "low,x", 3), "table line 2: got '4 cells', expected 3 as in most"),
    "an open quote": (rows().replace("high", '"high', 1), "table line 4: got 'a quote that is never closed'"),
    "many classes": (joined(np.arange(3 * N) / 2, LETTERS, header="a,kind"), "got '60 classes in kind', expected 2 to"),
    "one class": (rows(kind=["low"] * N), "got '1 class in kind', expected 2 to 50"),
    "many features": (joined(*[A] * 300, KIND, header=",".join([*(f"f{i}" for i in range(300)), "kind"])),
                      "got '300 features', expected 1 to 256. Choose fewer columns"),
    "nothing but a counter": (joined(range(N), KIND, header="n,kind"), "no feature: Left out: n (it counts the rows)"),
    "damaged gzip": (gzip.compress(rows().encode())[:-20], "got 'a damaged gzip file"),
    "a gzip bomb": (gzip.compress(b"1,2\n" * 2**23), "got 'more than 10 MiB', expected at most 10 MiB, unpacked"),
    "a broken download": ("404: Not Found", "got '0 rows', expected a header"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_by_its_name_with_a_remedy(data, says):
    with pytest.raises(ConfigError) as caught:
        tables.read(encoded(data))
    assert says in str(caught.value) and len(str(caught.value)) < 450

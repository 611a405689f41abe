"""What is no table, or none that can be used: each kind refused by its name, with a remedy."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from tests.cases.test_table_kinds import KIND, RNG, A, B, N, comma, encoded, joined, rows
from vibcore import tables
from vibcore.types import ConfigError


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
    "few rows without gaps": (
        rows(["" if i % 3 == 0 else v for i, v in enumerate(A)]),
        "got '48 rows without gaps, of 72', expected at least 60 rows with a label below the "
        "header. "
        "Fill gaps with the median",
    ),
    "one column": ("\n".join(["kind", *KIND]), "got 'one column', expected a label and at least one feature. Separate"),
    "rows that are wider": (rows().replace("low", "low,x", 3), "table line 2: got '4 cells', expected 3 as in most"),
    "decimal commas between commas": (
        rows(comma(A), comma(B)),
        "table line 1: got '3 names', expected 5, one for each "
        "cell of the rows below. Name every column; where numbers have decimal commas",
    ),
    "an open quote": (rows().replace("high", '"high', 1), "table line 4: got 'a quote that is never closed'"),
    "many classes": (joined(np.arange(3 * N) / 2, LETTERS, header="a,kind"), "got '60 classes in kind', expected 2 to"),
    "one class": (rows(kind=["low"] * N), "got '1 class in kind', expected 2 to 50"),
    "many features": (
        joined(*[A] * 300, KIND, header=",".join([*(f"f{i}" for i in range(300)), "kind"])),
        "got '300 features', expected 1 to 256. Choose fewer columns",
    ),
    "nothing but a counter": (joined(range(N), KIND, header="n,kind"), "no feature: Left out: n (it counts the rows)"),
    "damaged gzip": (gzip.compress(rows().encode())[:-20], "got 'a damaged gzip file"),
    "a gzip bomb": (gzip.compress(b"1,2\n" * 2**23), "got 'more than 10 MiB', expected at most 10 MiB, unpacked"),
    "a broken download": ("404: Not Found", "got '0 rows', expected a header"),
}


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_by_its_name_with_a_remedy(data, says):
    with pytest.raises(ConfigError) as caught:
        tables.read(encoded(data))
    assert says in str(caught.value) and len(str(caught.value)) < 450

"""Tables as people really have them: what is read, and what is said of it."""

import codecs
import gzip

import numpy as np
import pytest

from vibcore import tables

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
    "Windows-1252": (
        rows(kind=[k.replace("i", "ä") for k in KIND], header="größe,b,Maß").encode("cp1252"),
        X,
        ["Windows-1252", "a guess"],
    ),
    "Mac Roman": (
        rows(kind=[k.replace("i", "ä") for k in KIND], header="größe,b,kind").encode("mac_roman"),
        X,
        ["Mac Roman", "a guess"],
    ),
    "DOS": (rows(kind=[k.replace("i", "ü") for k in KIND], header="größe,b,kind").encode("cp850"), X, ["850"]),
    "Cyrillic": (
        rows(
            kind=[{"low": "низкий", "mid": "средний", "high": "высокий"}[k] for k in KIND],
            header="длина,ширина,уровень",
        ).encode("cp1251"),
        X,
        ["cp1251", "a guess"],
    ),
    "Polish": (
        rows(
            kind=[{"low": "mały", "mid": "średni", "high": "duży"}[k] for k in KIND], header="długość,szerokość,gałąź"
        ).encode("cp1250"),
        X,
        ["Windows-1250", "a guess"],
    ),
    "Czech": (
        rows(
            kind=[{"low": "žlutý", "mid": "červený", "high": "řídký"}[k] for k in KIND], header="délka,šířka,třída"
        ).encode("cp1250"),
        X,
        ["Windows-1250", "a guess"],
    ),
    "Hungarian": (
        rows(
            kind=[{"low": "első", "mid": "gyűrű", "high": "könnyű"}[k] for k in KIND], header="hossz,szélesség,név"
        ).encode("iso8859_2"),
        X,
        ["1250", "a guess"],
    ),
    "Turkish": (
        rows(
            kind=[{"low": "düşük", "mid": "ılık", "high": "yüksek"}[k] for k in KIND], header="uzunluk,genişlik,sınıf"
        ).encode("cp1254"),
        X,
        ["Windows-1254", "a guess"],
    ),
    "accents side by side": (
        rows(kind=[k.replace("mid", "mäßig") for k in KIND], header="Länge,b,c").encode("cp1252"),
        X,
        ["Windows-1252", "a guess"],
    ),
    "Spanish": (
        rows(
            kind=[{"low": "año", "mid": "niño", "high": "¿qué?"}[k] for k in KIND], header="longitud,tamaño,clase"
        ).encode("latin-1"),
        X,
        ["Windows-1252", "a guess"],
    ),
    "French with units": (
        rows(
            kind=[{"low": "très", "mid": "élevé", "high": "à"}[k] for k in KIND], header="aire (m²),espèce,cœur"
        ).encode("cp1252"),
        X,
        ["Windows-1252", "a guess"],
    ),
    "é in two signs": (
        rows(kind=["e\u0301" if k == "low" and i % 2 else "é" if k == "low" else k for i, k in enumerate(KIND)]),
        X,
        [],
    ),
    "carriage returns alone": (rows(end="\r").encode(), X, []),
    "carriage returns twice": (rows(end="\r\r\n").encode(), X, []),
    "an end of file of old": (rows().encode() + b"\x1a", X, []),
    "bars": (rows(to="|", header="a|b|kind"), X, ["vertical bars"]),
    "bars at both ends": (
        joined([""] * N, A, B, KIND, [""] * N, to=" | ", header="| a | b | kind |"),
        X,
        ["2 empty columns left out"],
    ),
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
    "row names of R": (
        '"a" "b" "kind"\n' + joined([f'"r{i}"' for i in range(N)], A, B, KIND, to=" "),
        X,
        ["it names the rows"],
    ),
    # what stands around the table
    "a title": ("Measured in May\n\n" + rows(), X, ["Left out above the table: line 1 (Measured in May)"]),
    "comments between rows": (
        rows(kind=[f"{k}\n# pause" if i in (3, 9) else k for i, k in enumerate(KIND)]),
        X,
        ["2 lines of comment left out"],
    ),
    "a source below": (
        rows(more=["", "Source: a survey, 2020"]),
        X,
        ["Left out below the table: line 75 (Source: a survey 2020)"],
    ),
    "comments": ("# by hand\n// twice\n" + rows(), X, ["comment"]),
    "a commented header": ("# by hand\n# a b kind\n" + rows(header="", to=" "), X, ["commented line"]),
    "rows affected": (rows(more=["", f"({N} rows affected)"]), X, ["Left out below the table"]),
    "a sum": (rows(more=["Total,,72"]), X, ["Left out below the table"]),
    "commas behind rows alone": (joined(A, B, KIND, [""] * N, header="a,b,kind"), X, ["1 empty column left out"]),
    "groups of names": (rows(header="size,,\na,b,kind"), X, ["Line 1 names groups of columns"]),
    "rows of commas": (rows(more=[",,", ",,"]), X, ["2 empty rows left out"]),
    "columns of commas": (rows().replace("\n", ",,\n"), X, ["2 empty columns left out"]),
    "a comma behind the names": (rows(header="a,b,kind,"), X, []),
    "units": (rows(header="a,b,kind\nmm,g,"), X, ["Line 2 holds no values but units"]),
    "the header twice": (
        rows(more=["a,b,kind", "1,2,low", "2,3,low"]),
        np.vstack([X, [1, 2], [2, 3]]),
        ["header comes again"],
    ),
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
    "points for thousands": (
        rows(GERMAN, to=";", header="a;b;kind", b=comma(B)),
        (BIG, B),
        ["thousands", "decimal commas"],
    ),
    "points for thousands alone": (rows(GERMAN, to=";", header="a;b;kind", b=[1] * N), (BIG, [1] * N), ["thousands"]),
    "commas for thousands": (rows([f'"{v:,}"' for v in BIG]), (BIG, B), ["between thousands are read in a"]),
    "commas for thousands as in India": (
        rows([f'"1,{v // 100 + 10},{v % 100 + 300}"' for v in BIG]),
        ([100_000 + 1000 * (v // 100 + 10) + v % 100 + 300 for v in BIG], B),
        ["between thousands are read in a"],
    ),
    "decimal commas here and points there": (
        rows([pair[i % 2] for i, pair in enumerate(zip(A, comma(A), strict=True))], to=";", header="a;b;kind"),
        X,
        ["commas in some cells and points"],
    ),
    "digits of full width": (rows(["".join(chr(ord(c) + 0xFEE0) for c in str(v)) for v in A]), X, []),
    "Arabic digits": (
        rows([str(v).replace(".", "٫").translate({ord(str(d)): chr(0x660 + d) for d in range(10)}) for v in A]),
        X,
        [],
    ),
    "both": (
        rows([f"{v:,}".replace(",", ".") + ",5" for v in BIG], to=";", header="a;b;kind"),
        (np.array(BIG) + 0.5, B),
        ["thousands", "decimal commas"],
    ),
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
    "words alone": (
        rows(np.where(A > 5, "x", "y"), np.where(B > -1, "s", "t")),
        (A < 5, B < -1),
        ["Words as 0/1 columns: a (2), b (2)"],
    ),
    # columns that had better not be used
    "an index": (joined(range(N), A, B, KIND, header=",a,b,kind"), X, ["column 1 (it counts the rows)"]),
    "Unnamed: 0": (joined(range(N), A, B, KIND, header="Unnamed: 0,a,b,kind"), X, ["Unnamed: 0 (it counts"]),
    "a shuffled index": (joined(RNG.permutation(N), A, B, KIND, header="n,a,b,kind"), X, ["n (it counts the rows)"]),
    "an index of a part": (
        joined(np.arange(N) * 3, A, B, KIND, header="Unnamed: 0,a,b,kind"),
        X,
        ["Unnamed: 0 (an id"],
    ),
    "an id": (
        joined(RNG.permutation(N) * 17 + 842302, A, B, KIND, header="patient_id,a,b,kind"),
        X,
        ["patient_id (an id"],
    ),
    "names of people": (
        joined([f"Doe {i}" for i in range(N)], A, B, KIND, header="who,a,b,kind"),
        X,
        ["who (72 different words)"],
    ),
    "dates": (
        joined([f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(N)], A, B, KIND, header="day,a,b,kind"),
        X,
        ["day (dates)"],
    ),
    "times": (joined([f"{i % 24}:{i % 60:02}" for i in range(N)], A, B, KIND, header="at,a,b,kind"), X, ["at (dates)"]),
    "dates without a sign": (
        joined(
            [f"{i % 28 + 1:02}JAN2020" for i in range(N)],
            np.arange(N) % 28 + 20200101,
            A,
            B,
            KIND,
            header="d,date,a,b,kind",
        ),
        X,
        ["d (dates), date (times, by its name)"],
    ),
    "times of the clock": (
        joined([f"1/{i % 28 + 1}/2023 {i % 12 + 1}:05:00 PM" for i in range(N)], A, B, KIND, header="when,a,b,kind"),
        X,
        ["when (dates)"],
    ),
    "fractions of a second": (
        joined([f"{i % 24:02}:{i % 60:02}:07.{i:03}" for i in range(N)], A, B, KIND, header="t,a,b,kind"),
        X,
        ["t (dates)"],
    ),
    "seconds since 1970": (
        joined([1_700_000_000 + 60 * (i // 2) for i in range(N)], A, B, KIND, header="timestamp,a,b,kind"),
        X,
        ["timestamp (times, by its name)"],
    ),
    "measured or below a limit": (
        joined([f"<0.{i % 9 + 1}" if i % 4 == 0 else i + 0.5 for i in range(N)], A, B, KIND, header="c,a,b,kind"),
        X,
        ["c (numbers, but not in all cells, as <0.1)"],
    ),
    "points and commas of two meanings": (
        joined(
            [f"1.{i + 100}" if i % 2 else f"1,{i + 100},5" if i % 3 else f"{i},5" for i in range(N)],
            A,
            B,
            KIND,
            header="c;a;b;kind",
            to=";",
        ),
        X,
        ["Left out: c ("],
    ),
    "hexadecimal": (joined([hex(i) for i in range(N)], A, B, KIND, header="h,a,b,kind"), X, ["hexadecimal"]),
    "nearly empty": (
        joined([i if i % 5 == 0 else "" for i in range(N)], A, B, KIND, header="e,a,b,kind"),
        X,
        ["e (57 of 72 cells are empty)"],
    ),
    # gaps and labels
    "gaps": (
        rows(["?" if i % 9 == 0 else v for i, v in enumerate(A)]),
        X[np.arange(N) % 9 > 0],
        ["8 rows of 72 left out for gaps: a (8)"],
    ),
    "a word among numbers": (
        rows(["n/k" if i == 4 else v for i, v in enumerate(A)]),
        np.delete(X, 4, axis=0),
        ["line 6 (n/k)", "1 row of 72 left out"],
    ),
    "labels that are gaps": (
        rows(kind=[("NA", "", "?", "null", "nan")[i % 5] if i % 8 == 0 else k for i, k in enumerate(KIND)]),
        X[np.arange(N) % 8 > 0],
        ["9 rows have no label"],
    ),
    "a rare class": (
        rows(kind=["odd" if i in (3, 4) else k for i, k in enumerate(KIND)]),
        np.delete(X, [3, 4], axis=0),
        ["fewer than 6 rows are left out: odd (2)"],
    ),
    "blanks around labels": (
        rows(kind=[(" {}", "{} ", "{}")[i % 5 % 3].format(k) for i, k in enumerate(KIND)]),
        X,
        ["Blanks around cells"],
    ),
    "a class a letter": (
        rows(np.tile(A, 3), np.tile(B, 3), [chr(65 + i % 24) for i in range(3 * N)]),
        np.tile(X, (3, 1)),
        [],
    ),
    "labels alike": (rows(kind=["Low" if i % 6 == 0 else k for i, k in enumerate(KIND)]), X, ["Low and low"]),
    "labels with a point": (rows(kind=["low." if i % 6 == 0 else k for i, k in enumerate(KIND)]), X, ["low and low."]),
    "labels that may be gaps": (
        rows(kind=["unknown" if i % 4 == 0 else k for i, k in enumerate(KIND)]),
        X,
        ["unknown is taken for a class"],
    ),
    "names that are markup": (
        rows(header="<b>a</b>,`b`,=SUM(A1)", kind=["=1+1" if k == "low" else k for k in KIND]),
        X,
        [],
    ),
    "0 and 0.0": (rows(kind=[("0", "0.0", "1", "1.0", "2")[i % 5] for i in range(N)]), X, ["0 and 0.0, 1 and 1.0"]),
    "numbers that stand for gaps": (
        rows(["-999" if i in (5, 7) else v for i, v in enumerate(A)]),
        None,
        ["a holds -999 in 2 rows"],
    ),
    "the label first": (joined(KIND, A, B, header="kind,a,b"), X, []),
    "the label first without names": (joined([i % 3 + 1 for i in range(N)], A, B), X, []),
    "names of the labels beside them": (
        joined(A, B, [i % 3 for i in range(N)], KIND, header="a,b,target,target_name"),
        None,
        ["tell a class from all others without a mistake: target_name=high (2)"],
    ),
    "one-hot labels": (
        joined(A, B, [i % 2 for i in range(N)], [1 - i % 2 for i in range(N)], header="a,b,is_x,is_y"),
        None,
        ["is_x gives the label away"],
    ),
}


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
    assert 2 <= len(found.class_names) <= 24 and set(found.y) == set(range(len(found.class_names)))


QUIET = {
    "plain": rows(),
    "sentences": rows(kind=[f'"{k} is a class, as one says, and no more"' for k in KIND]),
    "quoted": rows(kind=[f'"{k}"' for k in KIND], header='"a","b","kind"'),
    "CRLF": rows(end="\r\n"),
}


@pytest.mark.parametrize("data", QUIET.values(), ids=QUIET)
def test_of_a_plain_table_there_is_nothing_to_say(data):
    assert tables.read(encoded(data)).notes == ()

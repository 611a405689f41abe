"""`sweep --table`: the same reader as the page's, its notes on standard error, its digest in the result."""

import json

from tests.cases.test_table_kinds import rows
from vibcore import tables
from vibcore.__main__ import main
from vibcore.tables import Reading

SMALL = ("--steps", "2", "--betas", "2", "--batch", "16", "--flip", "0", "--encoder", "4", "--decoder", "none")


def test_a_sweep_of_a_table_says_what_was_read_and_keeps_its_digest(tmp_path, capsys):
    data = rows(header="a;b;kind", to=";").encode()
    (tmp_path / "t.csv").write_bytes(data)
    out = tmp_path / "out.json"
    flags = ("--label", "kind", "--gaps", "median", "--features", "a")
    assert main(["sweep", "--table", str(tmp_path / "t.csv"), *flags, *SMALL, "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "t.csv: 72 rows, 1 feature, 3 classes" in said and "separated by semicolons" in said
    spec = json.loads(out.read_text())["config"]["dataset"]
    table = tables.read(data, Reading("kind", "median", features=("a",)))
    assert (spec["name"], spec["digest"]) == ("own", table.digest)


def test_a_table_that_cannot_be_had_ends_in_one_line(tmp_path, capsys):
    (tmp_path / "t.csv").write_bytes(b"PK\x03\x04 xl/")
    assert main(["sweep", "--table", str(tmp_path / "t.csv")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("python -m vibcore sweep: table: got 'an Excel workbook'") and said.count("\n") == 1


def test_flags_that_would_change_nothing_are_refused(tmp_path, capsys):
    data = rows(kind=[i / 7 for i in range(72)])
    (tmp_path / "t.csv").write_text(data)
    table = ("--table", str(tmp_path / "t.csv"))
    for flags, says in (
        (("--label", "kind"), "--label: got 'given', expected none without --table"),
        ((*table, "--n", "100", "--noise", "0.3"), "--n, --noise: got 'given', expected none with --table"),
        ((*table, "--flip", "0.1"), "--flip: got 0.1, expected none for a label column of numbers"),
    ):
        assert main(["sweep", *flags]) == 2
        assert says in capsys.readouterr().err

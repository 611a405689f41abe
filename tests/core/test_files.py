"""Files in and out: joints that are read or refused, results that are whole or not there."""

import json
from pathlib import Path

import numpy as np
import pytest

from vibcore import files
from vibcore.exact import discrete, joints
from vibcore.types import ConfigError, Joint


def refused(path: Path) -> str:
    """What is said of a file that holds no joint."""
    with pytest.raises(ConfigError) as caught:
        joints.checked(files.read_joint(path))
    return str(caught.value)


def test_a_table_is_read_number_by_number(tmp_path):
    (tmp_path / "j.csv").write_bytes(b"\xef\xbb\xbf0.5, 1e-1\r\n\r\n 0.25,.15\r\n")  # as a spreadsheet writes it
    np.testing.assert_array_equal(files.read_joint(tmp_path / "j.csv"), [[0.5, 0.1], [0.25, 0.15]])


@pytest.mark.parametrize("text", ["1\n", "0.5,0.5\n", "0.25,0.25\n0.25,0.25\n", "1,0\n0,0\n"])
def test_a_joint_that_tells_nothing_has_a_frontier_at_zero(tmp_path, text):
    (tmp_path / "j.csv").write_text(text)
    p = joints.checked(files.read_joint(tmp_path / "j.csv"))
    assert joints.mutual_information(p) == pytest.approx(0, abs=1e-12)
    assert max(discrete.frontier(Joint(p, None, "j")).i_y) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0.5,y\n0.5,0.5\n", "line 1: got '0.5,y', expected numbers"),
        ("x,y\n", "column names alone"),
        ("20,30\n10,40\n", "a sum of 100', expected probabilities that sum to 1. Add --counts"),
        ("0,1\n20,30\n10,40\n", "Line 1 looks like column names: remove it first. Add --counts"),
        ("0.5,-0.1\n0.3,0.3\n", "at least 0. Remove the negative"),
        ("0.5,nan\n0.2,0.3\n", "expected finite"),
        ("0.5,inf\n0.2,0.3\n", "expected finite"),
        ("0.5,0.1\n0.2,0.3\n", "a sum of 1.1"),
        ("0.5,0.1\n0.4\n", "line 2: got '1 columns', expected 2"),
        ("0.5,\n0.5,0\n", "line 1: got '0.5,', expected numbers"),
        ("0.5,0.5\n'0,0\n\"0,0", "line 3: got 'a quote that is never closed'"),
        ("x,y\n0.4\n0.1,0.5\n", "line 3: got '2 columns', expected 1"),
        ("", "an empty file"),
        ("\n\n", "an empty file"),
        (",".join(["0.0005"] * 2001), "2001 columns"),
    ],
)
def test_a_joint_that_is_none_is_refused(tmp_path, text, says):
    (tmp_path / "j.csv").write_text(text)
    assert says in refused(tmp_path / "j.csv")


def test_files_that_are_no_joint_are_refused(tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"PK\x03\x04 xl/")
    assert "expected a text file" in refused(tmp_path / "binary.csv")
    assert "expected a file" in refused(tmp_path / "missing.csv")
    assert "expected a file" in refused(tmp_path)
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(20 * 2**20 + 1)  # a hole: it takes no room on the disk
    assert "expected at most 20 MB" in refused(huge)


def test_a_result_that_could_not_be_finished_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    files.write(path, "old")
    real = Path.write_text

    def disk_is_full(self, text, **how):
        real(self, text[:2], **how)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", disk_is_full)
    with pytest.raises(OSError):
        files.write(path, "newer")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_two_who_write_one_file_have_a_name_each(tmp_path):
    with files.whole(tmp_path / "a") as one, files.whole(tmp_path / "a") as other:
        assert one != other
        one.write_text("1")
        other.write_text("2")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_an_emitted_file_is_json_or_csv_by_its_ending(tmp_path):
    for name in ("a.json", "a.csv"):
        files.emit(str(tmp_path / name), {"β": 1.5}, lambda: [["β"], [1.5]])
    assert json.loads((tmp_path / "a.json").read_text()) == {"β": 1.5}
    assert (tmp_path / "a.csv").read_text() == "β\n1.5\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.json"]


TABLE = [[0.3, 0.1], [0.2, 0.4]]


@pytest.mark.parametrize(
    "text",
    [
        "0,1\n0.3,0.1\n0.2,0.4\n",
        "y0,y1\n0.3,0.1\n0.2,0.4\n",
        ",0,1\n0,0.3,0.1\n1,0.2,0.4\n",
        ",a,b\nfirst,0.3,0.1\nsecond,0.2,0.4\n",
        "x,0,1\n0,0.3,0.1\n1,0.2,0.4\n",
        "x,y0,y1\n1,0.3,0.1\n2,0.2,0.4\n",
        "a b\nr1 0.3 0.1\nr2 0.2 0.4\n",
        "r1,0.3,0.1\nr2,0.2,0.4\n",
        "# p(x, y)\n3e-1 1e-1\n2e-1 4e-1\n",
        "sep=;\na;b\n0,3;0,1\n0,2;0,4\n",
        "0,3\t0,1\r\n0,2\t0,4\r\n",
        "0.3|0.1|\n0.2|0.4|\n\n",
        '"a";"b"\n"0.3";"0.1"\n0.2;0.4',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_joint_is_the_same_however_it_was_saved_and_names_are_no_probabilities(tmp_path, text, encoding):
    (tmp_path / "j.csv").write_text(text, encoding)
    np.testing.assert_array_equal(files.read_joint(tmp_path / "j.csv"), TABLE)


def test_counts_are_divided_by_their_sum_on_request(tmp_path):
    (tmp_path / "j.csv").write_text("a,b\n30,10\n20,40\n")
    np.testing.assert_allclose(files.read_joint(tmp_path / "j.csv", counts=True), TABLE)
    (tmp_path / "j.csv").write_text("x;a;b\nr;3.000;1.000\ns;2.000;4.000\n")
    np.testing.assert_allclose(files.read_joint(tmp_path / "j.csv", counts=True), TABLE)
    (tmp_path / "j.csv").write_text("x,0,1\n1,30,10\n2,20,40\n")  # as two columns counted together
    np.testing.assert_allclose(files.read_joint(tmp_path / "j.csv", counts=True), TABLE)
    (tmp_path / "j.csv").write_text("x,a,b\n0,30,10\n1,20,40\n")
    with pytest.raises(ConfigError, match=r"column x: got '0, 1, …', expected counts. Remove that column if it counts"):
        files.read_joint(tmp_path / "j.csv", counts=True)
    (tmp_path / "j.csv").write_text("0,1\n30,10\n20,40\n")
    with pytest.raises(ConfigError, match=r"line 1: got '0, 1', expected counts, or column names.*Remove the line"):
        files.read_joint(tmp_path / "j.csv", counts=True)

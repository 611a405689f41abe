"""`frontier --joint`: joint tables of counts and probabilities as people have them."""

import json
import math

import numpy as np
import pytest

from vibcore.__main__ import main


def frontier(tmp_path, capsys, text: str, *flags: str) -> dict:
    (tmp_path / "joint.csv").write_text(text)
    assert main(["frontier", "--joint", str(tmp_path / "joint.csv"), *flags]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_class_that_says_nothing_and_one_that_never_occurs_change_nothing(tmp_path, capsys):
    alone = frontier(tmp_path, capsys, "0.5\n0.3\n0.2\n")
    assert (alone["h_y"], alone["i_xy"], alone["i_x"], alone["i_y"]) == (0, 0, [0], [0])
    plain = frontier(tmp_path, capsys, "0.4,0.1\n0.1,0.4\n")
    never = frontier(tmp_path, capsys, "0.4,0,0.1\n0.1,0,0.4\n")
    assert never["i_xy"] == pytest.approx(plain["i_xy"]) and never["h_y"] == pytest.approx(math.log(2))
    heights = np.interp(plain["i_x"], never["i_x"], never["i_y"])
    assert heights == pytest.approx(plain["i_y"], abs=1e-5), "the same curve, though traced at other slopes"


def test_where_x_decides_y_the_frontier_is_the_corner(tmp_path, capsys):
    found = frontier(tmp_path, capsys, "1,0\n1,0\n0,1\n0,1\n", "--counts")
    assert found["i_x"] == pytest.approx([0, math.log(2)]) and found["i_y"] == pytest.approx([0, math.log(2)])

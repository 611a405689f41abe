"""Words of a chart in a file stand where they lie on nothing, if there is such a place."""

from typing import Any

import numpy as np
import pytest

from dashboard.placing import place_words

PLACES = [[1, "bottom center"], [1, "top center"], [1, "bottom center", 3]]
LAYOUT = {"xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 10]}}


def pin(y: float, text: str = "seed 1", must: bool = False, places: Any = PLACES) -> dict[str, Any]:
    meta = {"beside": places, "must": must}
    return {"x": [0, 5, 10], "y": [y] * 3, "text": text, "mode": "lines+text", "textfont": {"size": 12}, "meta": meta}


def line(y: float) -> dict[str, Any]:
    return {"x": [0, 10], "y": [y, y], "mode": "lines"}


def placed(*traces: dict[str, Any], **layout: Any) -> list[str]:
    """The side at which each name stands, with the lines between."""
    place_words({"data": list(traces), "layout": LAYOUT | layout}, 520)
    named = [trace for trace in traces if "meta" in trace]
    return [f"{each['textposition'].split()[0]} {max(each['text'])}" if any(each["text"]) else "" for each in named]


STILL = [{"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "yref": "y", "y0": y, "y1": y} for y in (4.8, 5.2)]
NOTES = [{"x": 5, "y": y, "text": "I(X;Y): all that x tells", "showarrow": False} for y in (4.7, 5.3)]


@pytest.mark.parametrize(
    ("others", "layout", "expected"),
    [
        ((), {}, "bottom seed 1"),
        ((line(4.8),), {}, "top seed 1"),
        ((line(4.8), line(5.2)), {}, "bottom <br><br><br>seed 1"),
        ((), {"shapes": STILL}, "bottom <br><br><br>seed 1"),
        ((), {"annotations": NOTES}, "bottom <br><br><br>seed 1"),
        (({"x": [5, 5], "y": [4.8, 5.2], "mode": "markers"},), {}, "bottom <br><br><br>seed 1"),
        (tuple(map(line, np.linspace(0, 10, 200))), {}, "bottom seed 1"),
    ],
)
def test_a_name_is_on_no_line_dot_or_other_words_if_it_can(others: Any, layout: dict[str, Any], expected: str) -> None:
    assert placed(pin(5), *others, **layout) == [expected]


def test_names_of_one_place_stand_apart_and_what_would_be_cut_is_left_out_unless_it_must_be_said() -> None:
    assert placed(pin(5), pin(5, "K 1"), pin(5, "K 3")) == ["bottom seed 1", "top K 1", "bottom <br><br><br>K 3"]
    low = [[1, "bottom center"]]
    assert placed(pin(0, places=low), pin(0, "β", must=True, places=low)) == ["", "bottom β"]
    assert placed({**pin(5), "x": [np.nan] * 3}, {**pin(5), "x": [], "y": []}) == ["", ""]

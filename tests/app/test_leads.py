"""Warm β on the page: a walk is drawn as it goes, beside what is predicted, and it ends with its problem."""

from typing import Any

import numpy as np
import pytest

from dashboard import cache, controls, leads
from dashboard.pages import EXPLORE
from dashboard.panels import warm
from dashboard.stage.check import check
from tests.app.driving import frame, lab, opened, until
from vibcore import densities
from vibcore.warm import walk

SHORT = {
    "dataset": "moons",
    "n": "300",
    "batch": "50",
    "stops": "3",
    "steps": "20",
    "encoder": "8",
    "decoder": "linear",
}


def is_ready(at: Any) -> bool:
    """Whether the run has ended and its problem's collapse is known."""
    known = cache.reference(controls.config(lab(at).choices).dataset)
    return not lab(at).player.playing and known.done.is_set()


def test_a_link_begins_a_walk_as_its_button_does_and_says_so_until_it_is_ended() -> None:
    at = opened(**SHORT, seed="2", warm="1")
    assert "warm=1" in frame(at)[1]["link"] or lab(at).lead is not None
    until(lambda: lab(at).lead is not None and lab(at).lead.thread is not None, at.run)
    at.run()
    led = lab(at).lead
    assert led.thread.is_alive() and "warm=1" in frame(at)[1]["link"] and not lab(at).refused
    assert led.known.config.seed == 2 and not lab(at).wants_lead
    at.button(key="warm").click().run()
    at.run()
    assert lab(at).lead is None and "warm" not in frame(at)[1]["link"]
    led.thread.join(20)
    assert not led.thread.is_alive() and not at.exception


def test_a_walk_is_drawn_beside_what_is_predicted_and_ends_with_its_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "STEPS", 2)
    at = opened(**SHORT)
    until(lambda: is_ready(at), at.run)
    assert at.button(key="warm").label == "Warm β"
    at.button(key="warm").click().run()
    until(lambda: "led_up_x" in frame(at)[2] and len(frame(at)[2]["led_down_x"]) == leads.STOPS, at.run)
    led, (_, header, arrays) = lab(at).lead.known, frame(at)
    known = densities.reference(controls.config(lab(at).choices).dataset)
    assert known is not None and (led.unstable, led.collapse) == (known.unstable, known.collapse)
    assert led.betas[0] < known.unstable <= known.collapse < led.betas[-1]
    assert led.config.decoder == leads.DECODER and led.config.batch == 200, "as many as there are"
    apart = walk(led.config, led.betas, 2)
    np.testing.assert_allclose(arrays["led_up_y"], [p.rate.value / np.log(2) for p in apart.up], rtol=1e-6)
    np.testing.assert_allclose(arrays["led_down_y"], [p.rate.value / np.log(2) for p in apart.down[::-1]], rtol=1e-6)
    assert arrays["led_down_x"].tolist() == pytest.approx(led.betas[::-1])
    assert "falls at β ≈" in header["texts"]["led_text"] or "or more" in header["texts"]["led_text"]
    assert at.button(key="warm").label == "End warm β"
    check({name: (array, None) for name, array in arrays.items() if name.startswith("led")}, warm.SPECS)
    assert lab(at).lead.progress() == "" and not leads.is_pending(lab(at), EXPLORE)
    assert warm._place(float("-inf"), (0.2, 0.3)) == "0.2 or less"
    assert warm._place(float("inf"), (0.2, 0.3)) == "0.3 or more"
    at.number_input(key=f"seed.{lab(at).widget_epoch}").set_value(5).run()
    until(lambda: lab(at).lead is None, at.run)
    at.run()
    assert "led_up_x" not in frame(at)[2] and not at.exception

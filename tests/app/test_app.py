"""The app as Streamlit runs it, without a browser: each `run()` is one tick."""

import runpy
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from dashboard import cache, controls, links, picture, presses, registry, sending, session
from dashboard.page import PageRun
from dashboard.panel import Facts
from dashboard.session import OPEN
from dashboard.state import Session
from dashboard.views import page as view
from dashboard.views.notices import plain
from tests.app.driving import frame, lab, opened, until
from tests.servers import ROOT
from vibcore.training import learning_rate

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_it_trains_by_itself_and_each_tick_brings_a_picture() -> None:
    at = opened()
    first = lab(at).runs["classify"].step
    until(lambda: lab(at).runs["classify"].step > first, at.run)
    at.run()
    _, header, arrays = frame(at)
    assert all("training all 25 stops" in status for status in header["texts"]["status"])
    assert arrays["plane_test_x"].shape == (25,) and np.isfinite(arrays["plane_test_x"]).all()
    assert len(header["texts"]["number_rate"]) == 25


def test_a_page_opens_with_a_picture_then_its_controls_then_pytorch() -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    steps = []
    for opening in (0, 1, OPEN):
        at.run()
        text, header, arrays = frame(at)
        assert opening or (text and "point_x" in arrays), "the first message is a whole picture"
        assert ("after" in header) == (header["call"] == 1), "when it may ask for its controls"
        steps.append((header["call"], len(at.selectbox) > 0))
        presses.transport(lab(at), {"action": "ready", "value": opening + 1}, "classify")
    assert steps == [(1, False), (2, True), (0, True)]
    presses.transport(lab(at), {"action": "ready", "value": "drop table"}, "classify")
    assert lab(at).phase == OPEN, "a browser's word is not trusted"


def test_the_server_makes_the_first_visitors_document_before_anybody_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    server = runpy.run_path(str(ROOT / "app.py"), run_name="app")
    assert isinstance(server["app"], st.App), "what `streamlit run` looks for"
    monkeypatch.setattr(cache, "engine_is_loaded", lambda: False)  # another test may have loaded it
    view.prepare()
    monkeypatch.setattr(picture, "document", lambda *_: pytest.fail("made again"))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not at.exception and "panels" in frame(at)[0]


def test_no_document_depends_on_where_a_run_begins_or_stops() -> None:
    """So that visitors of other seeds share it."""
    for path in ("explore", "vae"):
        made = set()
        for seed, steps in ((0, 500), (7, 90)):
            mine = Session(replace(controls.DEFAULTS, seed=seed, steps=steps), [])
            page = view.shown(mine, path)
            made.add(picture.document(page, view.still_of(mine, page, Facts())))
        assert len(made) == 1, path


def test_a_story_plays_also_where_its_run_has_only_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Session(replace(controls.DEFAULTS, steps=300), [])
    mine.player.playing = False
    monkeypatch.setattr(st, "session_state", {"story.0": "bend"})
    session.tell_story(mine, "story.0")
    assert mine.choices == controls.DEFAULTS and mine.player.playing


def test_visitors_with_the_same_choices_share_a_document_but_never_one_of_somebodys_table() -> None:
    made = []

    def make() -> str:
        made.append("document")
        return str(len(made))

    texts = []
    for dataset in ("moons", "moons", controls.OWN, controls.OWN):
        visitor = Session(replace(controls.Choices(), dataset="moons", data_seed=77), [])
        scene = session.scene(visitor, PageRun("classify"))
        visitor.choices = replace(visitor.choices, dataset=dataset)
        texts.append(sending.get_document(visitor, scene, None, make).text)
    assert texts == ["1", "1", "2", "3"]


def test_a_tick_sends_the_chosen_model_alone_and_stays_small() -> None:
    at = opened(beta="0.1")
    for _ in range(60):  # the exact frontier joins the document when it is computed
        at.run()
        document, header, _arrays = frame(at)
        if not document:
            break
    assert document == ""
    assert len(header["arrays"]["point_mu"]["models"]) == 1
    assert len(at.get("bidi_component")[0].proto.bytes) < 60_000


def test_at_rest_the_whole_family_comes_within_its_budget() -> None:
    at = opened()
    lab(at).player.playing = False
    at.run()
    _, header, _arrays = frame(at)
    assert header["arrays"]["point_mu"]["models"] == list(range(25))
    assert len(at.get("bidi_component")[0].proto.bytes) < 1_000_000


def test_a_link_is_obeyed_and_what_it_cannot_have_is_said() -> None:
    at = opened(dataset="moons", flip="0.1", lr="fast", colour="red", beta="0.3", classes="NaN")
    said = " ".join(w.value for w in at.warning)
    assert "Learning rate: got “fast”" in said and "“colour”" in said and "Classes: got “NaN”" in said
    assert lab(at).choices.dataset == "moons" and lab(at).choices.flip == 0.1 and lab(at).choices.beta == 0.3


def test_a_cold_control_starts_anew_from_the_same_seed_and_says_so() -> None:
    at = opened(stops="5")
    before = lab(at).runs["classify"]
    at.slider(key="noise.0").set_value(0.3)
    at.run()
    assert lab(at).runs["classify"] is not before
    assert "noise" in lab(at).notice and "seed 0" in lab(at).notice


def test_a_hot_control_keeps_the_run() -> None:
    at = opened(stops="5")
    before = lab(at).runs["classify"]
    until(lambda: before.step > 0, at.run)
    at.number_input(key="lr.0").set_value(0.001)
    at.run()
    assert lab(at).runs["classify"] is before
    assert "nothing restarted" in lab(at).notice
    ((step, field, rate),) = lab(at).choices.edits
    assert (
        0 < step <= before.step
        and (field, rate) == ("lr", 0.001)
        and before.training.trajectory.state.config.edits[-1][2] == 0.001
    )
    assert (
        learning_rate(before.training.trajectory.state.config, step - 1) == 0.01
        and learning_rate(before.training.trajectory.state.config, step) == 0.001
    )
    assert f"edits={step}:lr:0.001" in links.text(lab(at).choices).replace("%3A", ":")
    assert at.number_input(key="lr.0").value == 0.001


def test_text_that_cannot_be_had_is_refused_beside_its_control() -> None:
    at = opened(stops="5")
    before = lab(at).runs["classify"]
    at.text_input(key="encoder.0").set_value("64-zero")
    at.run()
    assert any("64-zero" in e.value and "expected" in e.value for e in at.error)
    assert lab(at).runs["classify"] is before


def test_a_combination_that_cannot_be_had_goes_back_with_the_reason_beside_it() -> None:
    at = opened(stops="5")
    before = lab(at).choices
    at.number_input(key="n.0").set_value(100)
    at.number_input(key="batch.0").set_value(1024)
    at.run()
    assert not at.exception and lab(at).choices == before
    assert at.number_input(key="n.1").value == 1200 and at.number_input(key="batch.1").value == 128
    training = next(e for e in at.sidebar.expander if e.label == "Training")
    assert any("batch: got 1024" in e.value for e in training.error), "beside the widget that the error names"
    assert at.slider(key="classes.1").max == 8, "no more arms than spirals have"
    at.slider(key="classes.1").set_value(4)
    at.run()
    assert not at.error and lab(at).choices.classes == 4


def test_the_link_of_a_run_whose_rate_was_changed_replays_it_bit_for_bit() -> None:
    at = opened(n="300", stops="4", steps="40", speed="10")
    until(lambda: lab(at).runs["classify"].step >= 20, at.run)
    at.number_input(key="lr.0").set_value(0.001)
    at.run()
    at.segmented_control(key="units.0").set_value("nats")
    until(lambda: lab(at).runs["classify"].step == 40, at.run)
    again = opened(**{key: value for key, value in links.write(lab(at).choices).items() if key != "dataset"})
    assert again.number_input(key="lr.0").value == 0.001 and lab(again).choices.edits == lab(at).choices.edits != ()
    until(lambda: lab(again).runs["classify"].step == 40, again.run)
    one, other = (lab(of).runs["classify"].training.trajectory.state for of in (at, again))
    assert torch.equal(one.parameters, other.parameters) and torch.equal(one.average, other.average)


def test_who_pauses_stays_where_they_are_while_another_visitor_trains_on() -> None:
    one, two = opened(stops="5"), opened(stops="5")
    mine, other = (lab(at).runs["classify"] for at in (one, two))
    assert mine is not other and mine.training is other.training
    lab(one).player.playing = False
    one.run()
    steps = mine.step
    until(lambda: other.step > steps + 20, two.run)
    one.run()
    assert mine.step == steps and int(frame(one)[1]["texts"]["status"][0].split("step ")[1].split()[0]) == steps


def test_training_stops_at_the_step_asked_for() -> None:
    at = opened(steps="25")
    until(lambda: not lab(at).player.playing, at.run)
    assert lab(at).runs["classify"].step == 25


def test_what_it_comes_to_does_not_depend_on_the_clock() -> None:
    """However the time slices fell: the same link gives the same numbers."""
    ends = []
    for speed in ("max", "max", "100"):
        registry.forget()  # each is trained by itself
        at = opened(n="300", batch="32", stops="5", steps="400", speed=speed, encoder="8")
        until(lambda at=at: not lab(at).player.playing, at.run)
        at.run()
        ends.append(frame(at)[2]["plane_test_y"])
    np.testing.assert_array_equal(ends[0], ends[1])
    np.testing.assert_array_equal(ends[0], ends[2])


def test_a_page_that_asks_no_more_stops_its_training() -> None:
    """A closed tab sends no word; one that goes on asking goes on."""
    at = opened(steps="1000000", stops="5")
    run = lab(at).runs["classify"]
    until(lambda: run.step > 0, at.run)
    run.training.worker.join(10)
    assert not run.training.worker.is_alive(), "long before its last step"
    before = run.step
    assert before < 1_000_000
    until(lambda: run.step > before, at.run)
    run.stop()


@pytest.mark.parametrize("dataset", ["gaussian", "digits", "iris", "xor"])
def test_every_kind_of_dataset_opens(dataset: str) -> None:
    at = opened(dataset=dataset, stops="5")
    lab(at).documents.clear()  # what stands still comes with a document
    at.run()
    _, _header, arrays = frame(at)
    assert np.isfinite(arrays["plane_test_y"]).all()
    assert ("point_image" in arrays) == (dataset == "digits")


def test_full_garbage_collections_stay_off_after_each_script() -> None:
    from streamlit import config

    assert config.get_option("runner.postScriptGC") is False


def test_what_strangers_write_is_shown_as_text() -> None:
    assert plain("**b** [x](http://y) $z$ <i>") == r"\*\*b\*\* \[x\]\(http\://y\) \$z\$ \<i\>"

"""A page whose second run is of another config than the visitor's: of another seed, say, or of fewer dimensions."""

import json
from dataclasses import replace

import numpy as np

from dashboard import cache, controls, picture, session
from dashboard.page import PageRun
from dashboard.pages import EXPLORE
from dashboard.panel import Facts, Moment
from dashboard.panels.latent import LATENT
from dashboard.stage import pack, unpack
from dashboard.stage.check import check
from dashboard.state import Session
from dashboard.views.page import still_of

OTHER_SEED = PageRun("classify", prefix="vib_", name="seed 7", changes=(("seed", 7),))
SEEDS = replace(
    EXPLORE,
    title="Two seeds",
    runs=(*EXPLORE.runs, OTHER_SEED),
    panels=(LATENT, replace(LATENT, id="other", title="Another seed", run=1)),
)


def test_a_page_has_a_run_of_its_own_config_beside_the_visitors() -> None:
    mine = Session(replace(controls.DEFAULTS, n=300, stops=3, steps=40, speed="10"), [], phase=session.OPEN)
    cache.engine().done.wait()
    runs = [run for each in SEEDS.runs if (run := session.run(mine, each)) is not None]
    assert [run.config.seed for run in runs] == [0, 7] and runs[0] is mine.runs["classify"]
    assert session.run(mine, EXPLORE.runs[0]) is runs[0], "pages whose runs are alike share them"
    for _ in range(3):
        mine.player.end_tick(runs, mine.choices, False)
    session.sync(mine, replace(mine.choices, lr=0.003))
    assert [run.config.seed for run in runs] == [0, 7], "an edit keeps what is the page's own"
    assert [run.config.edits for run in runs] == [((30, "lr", 0.003),)] * 2
    still = still_of(mine, SEEDS, Facts())
    own, other = (Moment(s, run, run.snapshot_now(None)) for s, run in zip((still, *still.beside), runs, strict=True))
    header, arrays = picture.frame(SEEDS, replace(own, beside=(other,)), True, "")
    assert "seed 7 at step 30" in header["texts"]["status"][0]
    check(arrays, picture.specs(SEEDS, still))
    _, _, sent = unpack(pack("", header, arrays))
    np.testing.assert_array_equal(
        sent["vib_point_mu"], other.snapshot.mu.astype(np.float16)[:, :, list(other.snapshot.dims)]
    )
    assert not np.array_equal(sent["vib_point_mu"], sent["point_mu"])
    assert [panel["id"] for panel in json.loads(picture.document(SEEDS, still))["panels"]] == ["latent", "other"]

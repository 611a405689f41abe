"""The app in a browser on the same cores: python -m tests.benchmarks.live

Prints seconds from server start to first picture, pictures a second (each a state of the training that was drawn),
share of the headless training speed that is kept, charts rebuilt in a minute, frames a second while β is dragged at
rest, and the memory of one more visitor. Headless speed is taken on one thread, which is the fastest for so small a
model, before and after each round, with the page paused: the speed of a shared machine changes within seconds.
"""

import os
import re
import signal
import statistics
import time
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.servers import serving
from vibcore import data as datasets
from vibcore import training
from vibcore.config import Config

ROUNDS = 5
WATCH = """() => { const w = window.watched = { pictures: 0, frames: 0, nodes: new Set() };
  const stage = window.labStage, take = stage.take, picture = stage.picture;
  let fresh = false; // a picture counts when it is drawn and shows a newer state than the one before
  stage.take = function (message) { fresh = true; take.call(this, message); };
  stage.picture = () => { picture.call(stage); w.pictures += fresh; fresh = false; };
  setInterval(() => document.querySelectorAll('.js-plotly-plot').forEach((n) => w.nodes.add(n)), 50); }"""
FRAMES = """async () => { let frames = 0; const begin = performance.now();
  while (performance.now() - begin < 5000) { await new Promise(requestAnimationFrame); frames++; }
  return frames / 5; }"""
DRAG = """async () => { const range = document.querySelector('.lab-range'); let frames = 0, going = true;
  (function tick() { frames++; if (going) requestAnimationFrame(tick); })(); const begin = performance.now();
  for (let i = 0; i < 120; i++) { range.value = Math.abs(24 - (i % 48));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => setTimeout(done, 25)); }
  going = false; return frames / ((performance.now() - begin) / 1000); }"""


def headless(seconds: float = 2.0) -> float:
    """Model-steps a second of the default run without any app, on one thread."""
    torch.set_num_threads(1)
    config = Config()
    dataset = datasets.load(config.dataset)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    training.advance(state, data, 50)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        training.advance(state, data, 50)
    return (state.step - 50) * len(config.betas) / (time.perf_counter() - begin)


def steps(page: Page) -> int:
    """Steps trained, as the page says."""
    step = re.search(r"step ([\d,]+)", page.inner_text(".lab-status"))
    return int(step[1].replace(",", "")) if step else 0


def memory(pid: int) -> float:
    """Resident MiB of a process."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def headless_beside(pid: int) -> float:
    """The same while a server does nothing: at rest it still computes what its numbers rest on."""
    os.kill(pid, signal.SIGSTOP)
    try:
        return headless()
    finally:
        os.kill(pid, signal.SIGCONT)


def kept(page: Page, pid: int) -> tuple[list[float], list[float]]:
    """Share of the headless speed that a live page keeps, and its pictures a second, in each of `ROUNDS` rounds."""
    shares, pictures = [], []
    page.click(".lab-play")
    page.wait_for_timeout(2500)
    before = headless_beside(pid)
    for _ in range(ROUNDS):
        page.click(".lab-play")
        page.wait_for_timeout(1500)
        drawn, first, start = page.evaluate("() => window.watched.pictures"), steps(page), time.perf_counter()
        page.wait_for_timeout(5000)
        seconds = time.perf_counter() - start
        live = (steps(page) - first) * 25 / seconds
        pictures.append((page.evaluate("() => window.watched.pictures") - drawn) / seconds)
        page.click(".lab-play")
        page.wait_for_timeout(1500)
        after = headless_beside(pid)
        alone, before = (before + after) / 2, after
        shares.append(live / alone)
        print(f"training headless: {alone:,.0f} model-steps/s; live: {live:,.0f}, {shares[-1]:.0%} of it")
    page.click(".lab-play")
    return shares, pictures


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        begin = time.perf_counter()
        with serving() as app:
            page.goto(app.address)
            page.wait_for_selector(".lab-sketch")  # put on the page with what is drawn on it
            print(f"server start to first picture: {time.perf_counter() - begin:.1f} s (browser already running)")
            page.wait_for_timeout(8000)
            page.goto(f"{app.address}/?steps=1000000")
            page.wait_for_function("() => /step [1-9]/.test(document.querySelector('.lab-status')?.textContent)")
            page.wait_for_timeout(5000)
            page.evaluate(WATCH)
            watched = time.perf_counter()
            shares, pictures = kept(page, app.pid)
            seconds = time.perf_counter() - watched
            rebuilt = page.evaluate("() => window.watched.nodes.size") - page.locator(".js-plotly-plot").count()
            print(f"training kept: {statistics.median(shares):.0%} (median of {ROUNDS})")
            print(f"pictures while training: {statistics.median(pictures):.1f}/s")
            print(f"charts rebuilt in {seconds:.0f} s: {rebuilt}")
            print(f"page while training: {page.evaluate(FRAMES):.0f} frames/s")
            page.click(".lab-play")
            page.wait_for_function("() => window.labStage.header.settled", timeout=120_000)
            page.wait_for_timeout(3000)
            print(f"dragging at rest: {page.evaluate(DRAG):.0f} frames/s")
            resident = memory(app.pid)
            pages = [browser.new_context().new_page() for _ in range(3)]
            for other in pages:
                other.goto(f"{app.address}/?steps=300")
            page.wait_for_timeout(20_000)
            print(f"one more visitor: {(memory(app.pid) - resident) / len(pages):.0f} MiB")
        browser.close()


if __name__ == "__main__":
    main()

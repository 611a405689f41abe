"""The app in a browser on the same cores: python -m tests.benchmarks.live

Prints seconds from server start to first picture, picture updates a second, share of the headless training speed that
is kept, charts rebuilt in a minute, frames a second while β is dragged at rest, and the memory of one more visitor.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT
from vibcore import datasets, training
from vibcore.types import Config

PORT = 8765
WATCH = """() => { const w = window.watched = { frames: 0, messages: 0, nodes: new Set() };
  const receive = window.labStage.receive;
  window.labStage.receive = function (m) { w.messages++; receive.call(this, m); };
  (function tick() { w.frames++;
    document.querySelectorAll('.js-plotly-plot').forEach((n) => w.nodes.add(n));
    requestAnimationFrame(tick); })(); }"""
DRAG = """async () => { const range = document.querySelector('.lab-range'); let frames = 0, going = true;
  (function tick() { frames++; if (going) requestAnimationFrame(tick); })(); const begin = performance.now();
  for (let i = 0; i < 120; i++) { range.value = Math.abs(24 - (i % 48));
    range.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => setTimeout(done, 25)); }
  going = false; return frames / ((performance.now() - begin) / 1000); }"""


def headless(seconds: float = 5.0) -> float:
    """Model-steps a second of the default run without any app."""
    config = Config()
    dataset = datasets.load(config.dataset)
    state, data = training.init(config, dataset), training.tensors(dataset, config)
    training.advance(state, data, 50)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        training.advance(state, data, 50)
    return (state.step - 50) * len(config.betas) / (time.perf_counter() - begin)


def status(page: Page) -> tuple[int, int]:
    """Steps, and model-steps a second as the page says."""
    text = page.inner_text(".lab-status").replace(",", "")
    step, speed = re.search(r"step (\d+)", text), re.search(r"(\d+) model-steps", text)
    return int(step[1]) if step else 0, int(speed[1]) if speed else 0


def memory(pid: int) -> float:
    """Resident MiB of a process."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    alone = headless()
    print(f"headless: {alone:,.0f} model-steps/s")
    begin = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={PORT}", "--server.headless=true"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            while True:
                try:
                    page.goto(f"http://127.0.0.1:{PORT}")
                    break
                except Exception:  # not listening yet
                    time.sleep(0.1)
            page.wait_for_selector(".js-plotly-plot")
            print(f"server start to first picture: {time.perf_counter() - begin:.1f} s (browser already running)")
            page.wait_for_timeout(8000)
            page.evaluate(WATCH)
            first, start = status(page)[0], time.perf_counter()
            page.wait_for_timeout(60_000)
            seconds = time.perf_counter() - start
            live = (status(page)[0] - first) * 25 / seconds
            seen = page.evaluate("() => ({...window.watched, nodes: window.watched.nodes.size})")
            charts = page.locator(".js-plotly-plot").count()
            print(f"training live: {live:,.0f} model-steps/s, {live / alone:.0%} of headless")
            print(f"picture updates: {seen['messages'] / seconds:.1f}/s, page {seen['frames'] / seconds:.0f} frames/s")
            print(f"charts rebuilt in {seconds:.0f} s: {seen['nodes'] - charts}")
            page.click(".lab-play")
            page.wait_for_timeout(6000)
            print(f"dragging at rest: {page.evaluate(DRAG):.0f} frames/s")
            before = memory(server.pid)
            pages = [browser.new_context().new_page() for _ in range(3)]
            for other in pages:
                other.goto(f"http://127.0.0.1:{PORT}/?steps=300")
            page.wait_for_timeout(20_000)
            print(f"one more visitor: {(memory(server.pid) - before) / len(pages):.0f} MiB")
            browser.close()
    finally:
        server.terminate()


if __name__ == "__main__":
    main()

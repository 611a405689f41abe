"""A lecture on these cores: python -m tests.benchmarks.lecture [followers]

One Chromium presents and drags β, the others follow the same link over the websocket. Printed: frames a second of the
presenter's page while nothing is touched and while β is dragged, its pictures a second, and what the followers saw.
"""

import asyncio
import sys
import threading

from playwright.sync_api import sync_playwright

from tests.benchmarks.classroom import classroom, report
from tests.benchmarks.live import DRAG, FRAMES, WATCH, memory
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.servers import serving

LINK = "steps=100000"
DRAGS = 5
SECONDS = 40.0


def main(followers: int = 29) -> None:
    with sync_playwright() as playwright, serving() as app:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_page(
            viewport={"width": 1366, "height": 768}
        )
        page.goto(f"{app.address}/?{LINK}")
        page.wait_for_function("() => /step [1-9]/.test(document.querySelector('.lab-status')?.textContent)")
        seen: list[object] = []
        others = threading.Thread(target=lambda: seen.extend(asyncio.run(classroom(app, followers, SECONDS, True))))
        others.start()
        page.wait_for_timeout(10_000)  # all have come
        page.evaluate(WATCH)
        print(f"presenter, hands off: {page.evaluate(FRAMES):.0f} frames/s")
        print("presenter, dragging β:", *(f"{page.evaluate(DRAG):.0f}" for _ in range(DRAGS)), "frames/s")
        drawn = page.evaluate("() => window.watched.pictures")
        page.wait_for_timeout(5000)
        print(f"presenter, pictures: {(page.evaluate('() => window.watched.pictures') - drawn) / 5:.1f}/s")
        others.join()
        report(seen, SECONDS, int(memory(app.pid)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

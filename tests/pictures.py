"""The README's picture, in both themes: python -m tests.pictures

Starts the app, waits until the default run is over and nothing changes any more, and writes light.webp and dark.webp
into docs/pictures, so small that both together stay under `MOST` bytes.
"""

import io

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.driving import settled, status_says
from tests.servers import ROOT, serving

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1366, "height": 768}
MOST = 300_000
PATIENCE = 300_000  # ms: a stack takes its time on a busy machine


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with serving() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for theme in ("light", "dark"):
            (FOLDER / f"{theme}.webp").write_bytes(smallest(picture(browser, app.address, theme)))
        browser.close()


def picture(browser: Browser, address: str, theme: str) -> bytes:
    """The page at rest, as PNG, with half as many pixels again as CSS has."""
    page = browser.new_page(viewport=SIZE, color_scheme=theme, device_scale_factor=1.5)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector(".lab-status")
    status_says(page, "finished")
    settled(page)
    found = page.screenshot()
    page.close()
    return found


def smallest(png: bytes) -> bytes:
    """The best WebP of a picture that is no larger than its half of `MOST`."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(90, 20, -5):
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST // 2:
            break
    return file.getvalue()


if __name__ == "__main__":
    main()

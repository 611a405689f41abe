"""What our style names of Streamlit's own page is there in the version that is installed."""

import re
from pathlib import Path

import streamlit

ROOT = Path(__file__).parents[2]
BUNDLE = Path(streamlit.__file__).parent / "static" / "static" / "js"
NAMES = re.compile(r"\.(st[A-Z]\w+)|data-testid=\W?(st[A-Z]\w+)|\[(data-stale)\]")


def test_every_private_name_of_streamlit_in_our_style_is_one_of_its_page() -> None:
    files = [ROOT / "app.py", *(ROOT / "dashboard").rglob("*.py"), *(ROOT / "dashboard").rglob("*.css")]
    named = {next(filter(None, found)) for path in files for found in NAMES.findall(path.read_text("utf-8"))}
    assert "stMainBlockContainer" in named and len(named) <= 7, f"no more than these: {sorted(named)}"
    scripts = "".join(path.read_text("utf-8") for path in BUNDLE.glob("*.js") if path.stat().st_size < 3_000_000)
    assert {name for name in named if name not in scripts} == set(), "renamed by this version of Streamlit"

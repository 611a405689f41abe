"""python -m dashboard, or bottleneck-lab once it is installed: serve the app. Streamlit's own flags are passed on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
NEEDED = ("streamlit", "plotly")


def script() -> Path:
    """The script that Streamlit runs: where a wheel has put it, else beside the packages of a checkout."""
    installed = HERE / "launch" / "app.py"
    return installed if installed.exists() else HERE.parent / "app.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the app until it is stopped; the exit status, 2 where the packages of the page are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"bottleneck-lab: {' and '.join(missing)} not installed, expected the packages of the page. "
            "Run pip install 'bottleneck-lab[app]'.",
            file=sys.stderr,
        )
        return 2
    from streamlit.web.cli import main as streamlit

    given = sys.argv[1:] if arguments is None else arguments
    streamlit(["run", str(script()), *given], prog_name="bottleneck-lab", standalone_mode=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

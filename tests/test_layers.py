"""Who may import whom: app → views → pages → panels → figures → vibcore, and nothing points back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "vibcore": {"streamlit", "plotly", "dashboard"},
    "vibcore/exact": {"streamlit", "plotly", "dashboard", "torch"},
    "dashboard/figures": {
        "streamlit",
        "torch",
        "dashboard.views",
        "dashboard.session",
        "dashboard.panels",
        "dashboard.panel",
    },
    "dashboard/panels": {"streamlit", "torch", "dashboard.views", "dashboard.session", "dashboard.pages"},
    "dashboard/pages": {"streamlit", "torch", "dashboard.views", "dashboard.session"},
    "dashboard/protocol.py": {"streamlit", "plotly", "torch", "dashboard"},
    "dashboard/stage": {"torch", "dashboard.views", "dashboard.session", "dashboard.figures"},
    "dashboard/views": {"torch"},
}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_only_from_below(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py")) or [ROOT / room]
    assert files
    for path in files:
        wrong = {m for m in imports(path) for bad in FORBIDDEN[room] if m == bad or m.startswith(bad + ".")}
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_types_import_nothing_of_ours() -> None:
    assert not {m for m in imports(ROOT / "vibcore/types.py") if m.startswith(("vibcore", "dashboard"))}


def test_only_session_touches_session_state() -> None:
    users = [p.name for p in (ROOT / "dashboard").rglob("*.py") if "st.session_state" in p.read_text()]
    assert users == ["session.py"]


def test_nothing_samples_from_global_random_state() -> None:
    for path in [*(ROOT / "vibcore").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]:
        for call in ("np.random.seed", "np.random.rand", "torch.manual_seed(", "torch.seed(", "import random"):
            assert call not in path.read_text(), f"{path.relative_to(ROOT)} uses {call}"

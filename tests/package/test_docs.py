"""What the documents name is there: every module, function, file, test and link. So no rename leaves them behind."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vibcore
from tests.package.environments import ROOT

PAGES = ["README.md", "CONTRIBUTING.md", *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").glob("*.md"))]
ROOMS = ("vibcore", "dashboard", "tests")
FOLDERS = (*ROOMS, "docs", "examples", ".ci", ".streamlit")
NAME = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.\w+)+")
TEST = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
FILE = re.compile(
    rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*|[\w.-]+\.(?:py|md|toml|cff)|requirements[\w-]*\.txt"
)


def missing(text: str, page: str = "README.md") -> list[str]:
    """All that a page names and that is not there."""
    spans = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4,}(\S.*)$", text, re.M)
    found = [name for span in spans for name in named(span) if not exists(name)]
    links = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r"(?:src|srcset)=\"([^\"]+)\"", text)
    return found + [to for to in links if not to.startswith("http") and not (ROOT / page).parent.joinpath(to).exists()]


def named(span: str) -> Iterator[str]:
    """The files, tests and modules that a piece of code names."""
    for word in span.split():
        word = word.rstrip(",.;:")
        if TEST.fullmatch(word) or FILE.fullmatch(word) or (NAME.fullmatch(word) and not word.endswith(".py")):
            yield word


def exists(name: str) -> bool:
    if match := TEST.fullmatch(name):
        path, test = ROOT / match[1], match[2]
        return path.exists() and (test is None or test in names(path))
    if NAME.fullmatch(name) and not FILE.fullmatch(name):
        return resolves(name.split("."))
    return (ROOT / name).exists()


def resolves(parts: list[str]) -> bool:
    """Whether a dotted name is a module, a name at the top of one, or a member of such a class."""
    path = ROOT
    for i, part in enumerate(parts):
        folder, file = path / part, path / f"{part}.py"
        if file.exists():
            return not parts[i + 1 :] or ".".join(parts[i + 1 :]) in names(file)
        if not folder.is_dir():
            public = vibcore.__all__ if path == ROOT / "vibcore" else ()
            return ".".join(parts[i:]) in names(path / "__init__.py") | set(public)
        path = folder
    return True


@cache
def names(path: Path) -> set[str]:
    """Names at the top of a module, and members of its classes as Class.member."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body if path.exists() else ():
        found |= bound(node)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{member}" for inner in node.body for member in bound(inner)}
    return found


def bound(node: ast.stmt) -> set[str]:
    """The names that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {node.target.id} if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else set()


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_a_page_names_is_there(page: str) -> None:
    lost = missing((ROOT / page).read_text(), page)
    assert not lost, f"{page} names {', '.join(lost)}, expected what exists. Follow the rename, or drop the sentence."


@pytest.mark.parametrize(
    "text",
    [
        "`vibcore.objective.rates`",
        "`vibcore.nowhere.rate`",
        "`vibcore.types.Config.to_xml`",
        "`tests/core/test_objective.py::test_that_is_not_there`",
        "`tests/core/test_nowhere.py`",
        "`docs/nowhere.md`",
        "    python -m tests.benchmarks.nowhere 2",
        "[here](docs/nowhere.md)",
        '<img src="docs/nowhere.webp">',
    ],
)
def test_a_name_that_is_gone_is_noticed(text: str) -> None:
    assert len(missing(text)) == 1


def test_what_is_there_is_found() -> None:
    text = "`vibcore.Config`, `vibcore.config.Config.to_json`, `vibcore.exact.gaussian`, `app.py`, [x](docs/numbers.md)"
    assert missing(text + "\n\n    python -m tests.benchmarks.engine 2") == []


def test_every_formula_has_its_paper_its_code_and_its_test() -> None:
    sections = re.split(r"^### ", (ROOT / "docs/mathematics.md").read_text(), flags=re.M)[1:]
    assert len(sections) > 15
    for section in sections:
        title, *_ = section.splitlines()
        parts = dict(re.findall(r"^- (Paper|Code|Tests): (.*?)(?=^- |^#|\Z)", section, re.M | re.S))
        assert set(parts) == {"Paper", "Code", "Tests"}, title
        assert "`vibcore." in parts["Code"] and "::test_" in parts["Tests"], title
        assert re.search(r"(1|2)\d{3}|follows from", parts["Paper"]), title

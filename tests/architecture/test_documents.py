"""What the documents say of the program is compared with the program where that can be done."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer

from forensic_gui.cli.main import build_app
from forensic_gui.services.decoding import DecodeLimits
from forensic_gui.views.core.commands import COMMANDS

LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def documents(checkout: Path) -> list[Path]:
    return [
        checkout / "README.md",
        checkout / "packaging" / "README.md",
        checkout / "resources" / "sample_case" / "CREDITS.md",
        *sorted((checkout / "docs").rglob("*.md")),
    ]


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as GitHub and GitLab make them."""
    titles = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(scope="module")
def guide(checkout: Path) -> str:
    return (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")


def test_links_between_documents_lead_somewhere(checkout: Path) -> None:
    links = 0
    for document in documents(checkout):
        for path, anchor in LINK.findall(document.read_text(encoding="utf-8")):
            links += 1
            target = (document.parent / path) if path else document
            assert target.exists(), f"{document}: {path}"
            if anchor:
                assert anchor in anchors(target.read_text(encoding="utf-8")), f"{document}: {path}#{anchor}"
    assert links > 20


@pytest.mark.parametrize(
    "command",
    ["python -m pip install . && forensic-gui demo", 'python -m pip install ".[test]" && python -m pytest'],
)
def test_the_readme_has_each_of_its_two_commands_alone_on_one_line(command: str, checkout: Path) -> None:
    assert (checkout / "README.md").read_text(encoding="utf-8").splitlines().count(command) == 1


def test_the_guide_names_every_field_of_a_finding(guide: str, checkout: Path) -> None:
    source = (checkout / "forensic_gui" / "domain" / "finding.py").read_text(encoding="utf-8")
    finding = next(node for node in ast.parse(source).body if getattr(node, "name", "") == "Finding")
    functions = [node for node in [*finding.body, *ast.parse(source).body] if isinstance(node, ast.FunctionDef)]
    records = [f for f in functions if f.name in {"to_record", "_evidence_record", "facts_record"}]
    returned = [node.value for f in records for node in f.body if isinstance(node, ast.Return)]
    fields = {
        key.value
        for record in returned
        if isinstance(record, ast.Dict)
        for key in record.keys
        if isinstance(key, ast.Constant)
    }
    assert {"sha256", "orientation", "weights_sha256", "time"} <= fields
    section = guide.partition("### Fields of findings.jsonl")[2].partition("\n## ")[0]
    assert not {field for field in fields if f"`{field}`" not in section}


def test_the_guide_names_every_key_of_the_window_and_no_other(guide: str) -> None:
    section = guide.partition("| keys | command |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in section.splitlines()[2:]]
    told = {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}
    keys = {key for command in COMMANDS for key in command.keys}
    held = {command.shown_keys.removeprefix("hold ") for command in COMMANDS if command.shown_keys}
    assert told == keys | held


def test_the_guide_shows_every_command(guide: str) -> None:
    app = typer.main.get_command(build_app())
    names = set(getattr(app, "commands", {}))
    assert {"analyze", "demo", "gui"} <= names
    # Paths alone open the window.
    assert not {name for name in names - {"gui"} if f"forensic-gui {name}" not in guide}


def test_the_guide_states_the_decoders_limits(guide: str) -> None:
    limits = DecodeLimits()
    assert limits.max_memory_bytes is not None
    for stated in (
        f"| {limits.timeout_s:g} s |",
        f"| {limits.max_bytes >> 30} GiB |",
        f"| {limits.max_pixels // 10**6} million |",
        f"| {limits.max_memory_bytes >> 30} GiB, on Linux only",
    ):
        assert stated in guide

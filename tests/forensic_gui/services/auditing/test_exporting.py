"""Events as lines that a third party checks without this program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from forensic_gui.domain.errors import Cancelled, CaseDamaged, RequestError
from forensic_gui.domain.trail_fault import FaultKind
from forensic_gui.services.auditing.exporting import export_trail
from forensic_gui.services.auditing.verifying import verify_trail
from forensic_gui.services.case import CaseSession
from forensic_gui.services.progress import CancelToken
from tests.forensic_gui.services.case.tampering import behind_the_back, forged

from .conftest import EVENTS


@pytest.fixture
def lines(folder: Path, tmp_path: Path) -> Path:
    """The trail of the case, exported."""
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        assert export_trail(case, tmp_path / "trail.jsonl").events == EVENTS
    return tmp_path / "trail.jsonl"


@pytest.fixture
def recipe(checkout: Path) -> str:
    """The program that the guide gives a third party."""
    guide = (checkout / "docs" / "user-guide.md").read_text(encoding="utf-8")
    section = guide.partition("### The audit trail")[2].partition("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert found is not None
    return found.group(1)


def run(recipe: str, lines: Path) -> subprocess.CompletedProcess[str]:
    """Run the recipe as a third party would, beside the file, without this program's own modules."""
    return subprocess.run(
        [sys.executable, "-I", "-c", recipe], cwd=lines.parent, capture_output=True, text=True, check=False
    )


def test_an_export_is_an_event_that_names_the_file_its_hash_and_the_head(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "trail.jsonl"
    with CaseSession.open(folder, author="Bob") as case:
        exported = export_trail(case, place)
        event = case.audit()[-1]
    assert (event.actor, event.action, event.subject) == ("Bob", "audit trail exported", str(place))
    assert event.details == {
        "events": EVENTS + 1,
        "head": exported.head,
        "sha256": exported.sha256,
        "size_bytes": place.stat().st_size,
    }
    assert verify_trail(place).head == exported.head


def test_a_third_party_recomputes_every_hash_by_the_recipe_of_the_guide(lines: Path, recipe: str) -> None:
    assert len(recipe.splitlines()) <= 12
    done = run(recipe, lines)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(EVENTS), verify_trail(lines).head]


@pytest.mark.parametrize("number", [1, 5, EVENTS])
def test_the_recipe_of_the_guide_stops_at_an_event_that_was_altered(lines: Path, recipe: str, number: int) -> None:
    kept = lines.read_text("ascii").splitlines(keepends=True)
    kept[number - 1] = kept[number - 1].replace("Ada", "Eve")
    lines.write_text("".join(kept), "ascii")
    done = run(recipe, lines)
    assert done.returncode == 1
    assert f"event {number} was altered" in done.stderr


def test_the_recipe_of_the_guide_stops_at_a_gap(lines: Path, recipe: str) -> None:
    kept = lines.read_text("ascii").splitlines(keepends=True)
    lines.write_text("".join(kept[:2] + kept[3:]), "ascii")
    assert "event 3 is not in its place" in run(recipe, lines).stderr


def test_empty_lines_are_passed_over_and_a_file_that_is_no_text_is_none(lines: Path) -> None:
    lines.write_bytes(lines.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert verify_trail(lines).is_whole
    lines.write_bytes(bytes(range(256)))
    with pytest.raises(RequestError, match="is no audit trail"):
        verify_trail(lines)


def test_later_lines_that_are_no_events_do_not_hide_what_became_of_an_earlier_one(lines: Path) -> None:
    kept = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(b"".join([*kept[:2], *kept[3:5], b"none\n", kept[2], *kept[5:]]))
    fault = verify_trail(lines).fault
    assert fault is not None
    assert fault.kind is FaultKind.OUT_OF_ORDER


def test_a_file_that_cannot_be_read_is_no_trail_of_anybody(lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RequestError, match=r"cannot be read \(Permission denied\)"):
        verify_trail(lines)


def test_a_file_that_another_program_wrote_anew_is_still_whole(lines: Path) -> None:
    records = [json.loads(line) for line in lines.read_text("ascii").splitlines()]
    lines.write_text("\n".join(json.dumps(dict(reversed(each.items()))) for each in records), "utf-8")
    verdict = verify_trail(lines)
    assert (verdict.is_whole, verdict.events, verdict.has_tables) == (True, EVENTS, False)


@pytest.mark.parametrize(
    ("change", "kind", "clause"),
    [
        (lambda kept: [kept[0], kept[2], kept[1], *kept[3:]], FaultKind.OUT_OF_ORDER, "event 2 is missing from its"),
        (
            lambda kept: [*kept[:4], kept[3], *kept[4:]],
            FaultKind.OUT_OF_ORDER,
            "event 4 (evidence decoded) stands where",
        ),
        (lambda kept: kept[1:], FaultKind.MISSING, "event 1 is missing"),
        (
            lambda kept: [*kept[:2], kept[2][:40], *kept[3:]],
            FaultKind.ALTERED,
            "event 3 was altered: line 3 is no JSON",
        ),
        (lambda kept: [*kept[:2], b"{}\n", *kept[3:]], FaultKind.ALTERED, "line 3 has not the members of an event"),
        (
            lambda kept: [kept[0].replace(b'"schema_version":', b'"x":NaN,"y":')],
            FaultKind.ALTERED,
            "JSON does not have",
        ),
        (lambda kept: [b"[" * 100_000 + b"\n", *kept], FaultKind.ALTERED, "line 1 is no JSON"),
    ],
)
def test_a_file_that_was_changed_is_named_by_its_first_event(lines: Path, change, kind: FaultKind, clause: str) -> None:  # type: ignore[no-untyped-def]
    lines.write_bytes(b"".join(change(lines.read_bytes().splitlines(keepends=True))))
    fault = verify_trail(lines).fault
    assert fault is not None
    assert fault.kind is kind
    assert clause in fault.clause


@pytest.mark.parametrize("details_json", ['{"b":1, "a":1e-7}', '{"a":1e999}'])
def test_an_event_whose_hash_nobody_else_computes_is_not_exported(
    folder: Path, tmp_path: Path, details_json: str
) -> None:
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        forged(folder, "a note", details_json)
        with pytest.raises(CaseDamaged, match="not written as this program writes events"):
            export_trail(case, tmp_path / "trail.jsonl")
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_trail_that_is_damaged_while_its_case_is_open_is_not_exported(folder: Path, tmp_path: Path) -> None:
    with CaseSession.open(folder, author="Ada", read_only=True) as case:
        behind_the_back(folder, "UPDATE audit SET actor = 'Eve' WHERE seq = 4")
        with pytest.raises(CaseDamaged, match=r"event 4 \(evidence decoded\) was altered\. It was not exported"):
            export_trail(case, tmp_path / "trail.jsonl")
    assert not list(tmp_path.glob("*.jsonl"))
    assert not list(tmp_path.glob(".*.part"))


def test_an_export_goes_nowhere_into_a_case_and_leaves_nothing_when_it_is_stopped(folder: Path, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with CaseSession.open(folder, author="Ada") as case:
        with pytest.raises(RequestError, match="lies in the case"):
            export_trail(case, folder / "trail.jsonl")
        with pytest.raises(Cancelled):
            export_trail(case, tmp_path / "trail.jsonl", cancel=token)
        assert case.audit()[-1].action == "case opened"
    assert not list(tmp_path.glob("*.jsonl"))

"""Whatever changes a case leaves an event, in the same transaction, and no change behind the trail goes unseen."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.annotation import Conclusion
from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.edits import SetConclusion
from forensic_gui.domain.errors import CaseDamaged, CaseError, CaseReadOnly, EvidenceAltered
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Size
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.author import system_account
from tests.forensic_gui.services.case.made_findings import MAPS, finding

MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)


Change = Callable[[CaseSession, int, DecodeFacts, Path], object]
# Whether these are all, and what they leave in the trail, `test_every_change_is_recorded` says.
CHANGES: dict[str, Change] = {
    "add": lambda case, item, facts, folder: case.add([folder / "IMG_10.jpg"]),
    "note_decoded": lambda case, item, facts, folder: case.note_decoded(item, replace(facts, bit_depth=16)),
    "note_unreadable": lambda case, item, facts, folder: case.note_unreadable(item, "It is damaged."),
    "set_group": lambda case, item, facts, folder: case.set_group([item], "Quay"),
    "tag": lambda case, item, facts, folder: case.tag([item], add=["seen"]),
    "put_finding": lambda case, item, facts, folder: case.put_finding(item, finding(case, item, facts), MAPS),
    "commit": lambda case, item, facts, folder: case.commit(item, MARK, label="Mark"),
    "undo": lambda case, item, facts, folder: case.undo(item),
    "redo": lambda case, item, facts, folder: case.redo(item),
    "note": lambda case, item, facts, folder: case.note("labels exported", subject="labels.json"),
}


@pytest.mark.parametrize("method", ["set_group", "tag", "note_decoded", "note_unreadable"])
def test_what_changes_nothing_leaves_no_event(
    case: CaseSession, drawable: int, facts: DecodeFacts, photographs: Path, method: str
) -> None:
    change = CHANGES[method]
    change(case, drawable, facts, photographs)
    before = len(case.audit())
    change(case, drawable, facts, photographs)
    assert len(case.audit()) == before


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_is_refused_where_the_case_can_only_be_looked_at(
    case: CaseSession, drawable: int, facts: DecodeFacts, photographs: Path, method: str
) -> None:
    with CaseSession.open(case.folder, author="Bob") as second, pytest.raises(CaseReadOnly):
        CHANGES[method](second, drawable, facts, photographs)


def test_making_and_opening_leave_events_with_versions_and_names(case: CaseSession) -> None:
    case.close()
    with CaseSession.open(case.folder, author="Bob") as again:
        events = again.audit()
    assert [(event.actor, event.action) for event in events] == [
        ("Ada", "case created"),
        ("Ada", "case closed"),
        ("Bob", "case opened"),
    ]
    assert events[0].details["case_id"] == again_id(case.folder)


def test_who_makes_and_opens_a_case_is_on_record_by_the_account_whatever_name_was_typed(
    case: CaseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.close()
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody else")
    with CaseSession.open(case.folder, author="The Director") as again:
        created, *_, opened = again.audit()
    assert (opened.actor, opened.action) == ("The Director", "case opened")
    assert created.details["account"] == opened.details["account"] == case.folder.owner()


@pytest.mark.skipif(sys.platform == "win32", reason="accounts have numbers elsewhere only")
def test_an_account_without_a_name_is_recorded_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_123)
    assert system_account() == "user 4000123"


def again_id(folder: Path) -> str:
    with CaseSession.open(folder, author="Bob", read_only=True) as case:
        return case.info.id


def test_a_finding_becomes_its_items_newest_and_its_maps_come_back_exactly(
    case: CaseSession, drawable: int, facts: DecodeFacts
) -> None:
    maps = {**MAPS, "gate_map": np.random.default_rng(1).random((5, 7), dtype=np.float32)}
    stored = case.put_finding(drawable, finding(case, drawable, facts), maps)
    assert case.findings(drawable) == (stored,)
    assert stored.record["weights_id"] == "student"
    item = case.item(drawable)
    assert (item.share, item.highest_score, item.threshold) == (0.0625, 0.875, 0.5)
    kept = case.maps(stored)
    assert set(kept) == {"heatmap", "gate_map"}
    for name, values in maps.items():
        assert kept[name].dtype == np.float32
        assert np.array_equal(kept[name], values)
    newer = case.put_finding(drawable, finding(case, drawable, facts, share_over_threshold=0.5), maps)
    assert [each.id for each in case.findings(drawable)] == [stored.id, newer.id]
    assert newer.maps_sha256 == stored.maps_sha256
    assert case.item(drawable).share == 0.5


def test_a_finding_of_other_bytes_is_refused_and_on_record(
    case: CaseSession, drawable: int, facts: DecodeFacts
) -> None:
    made = finding(case, drawable, facts)
    other = replace(made, evidence=replace(made.evidence, sha256="0" * 64))
    with pytest.raises(EvidenceAltered):
        case.put_finding(drawable, other, MAPS)
    assert case.findings(drawable) == ()
    assert case.audit()[-1].action == "altered original found"


def test_altered_or_missing_maps_are_damage(case: CaseSession, drawable: int, facts: DecodeFacts) -> None:
    stored = case.put_finding(drawable, finding(case, drawable, facts), MAPS)
    (path,) = (case.folder / "derived").rglob("*.npz")
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CaseDamaged, match="not what was written"):
        case.maps(stored)
    with pytest.raises(CaseDamaged, match="not what was written"):
        case.put_finding(drawable, finding(case, drawable, facts), MAPS)
    path.unlink()
    with pytest.raises(CaseDamaged, match="could not be read"):
        case.maps(stored)


@pytest.mark.parametrize("kind", ["none", "empty", "cut", "objects", "text"])
def test_maps_that_are_none_are_damage_even_under_their_own_hash(case: CaseSession, drawable: int, kind: str) -> None:
    packed = io.BytesIO()
    np.savez_compressed(packed, heatmap=np.array(["a"]) if kind == "text" else np.array([{}], dtype=object))
    data = {"none": b"no archive", "empty": b"", "cut": packed.getvalue()[:-9]}.get(kind, packed.getvalue())
    sha256 = hashlib.sha256(data).hexdigest()
    place = case.folder / "derived" / sha256[:2] / f"{sha256}.npz"
    place.parent.mkdir()
    place.write_bytes(data)
    with pytest.raises(CaseDamaged, match=place.name):
        case.maps(StoredFinding(1, drawable, {}, sha256))


def test_maps_are_float32_in_two_axes(case: CaseSession, drawable: int, facts: DecodeFacts) -> None:
    with pytest.raises(ValueError, match="float32"):
        case.put_finding(drawable, finding(case, drawable, facts), {"heatmap": np.zeros((2, 2))})  # type: ignore[dict-item]


def test_another_size_is_refused_once_something_is_drawn(case: CaseSession, drawable: int, facts: DecodeFacts) -> None:
    case.note_decoded(drawable, replace(facts, stored=Size(4, 4)))
    case.note_decoded(drawable, facts)
    case.commit(drawable, MARK, label="Mark")
    with pytest.raises(CaseError, match="drawn on at 8x6"):
        case.note_decoded(drawable, replace(facts, stored=Size(4, 4)))
    assert case.item(drawable).size == Size(8, 6)


def test_names_of_events_that_vouch_are_the_cases_own(case: CaseSession) -> None:
    with pytest.raises(ValueError, match="itself records"):
        case.note("edit")

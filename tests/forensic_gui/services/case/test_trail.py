"""Whatever changes a case leaves an event, in the same transaction, and no change behind the trail goes unseen."""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensic_gui.domain.annotation import Conclusion, Region, RegionDetails
from forensic_gui.domain.audit import event_hash
from forensic_gui.domain.case import AuditEvent, StoredFinding
from forensic_gui.domain.edits import AddRegion, SetConclusion
from forensic_gui.domain.errors import CaseDamaged, CaseError, CaseReadOnly, EvidenceAltered
from forensic_gui.domain.evidence import DecodeFacts, Evidence
from forensic_gui.domain.finding import Finding, ScoreSummary, ThresholdSource, WeightsUsed
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.storage.case import trail

MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)
MAPS = {"heatmap": np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)}


def finding(case: CaseSession, item_id: int, facts: DecodeFacts, **changes: Any) -> Finding:
    item = case.item(item_id)
    made = Finding(
        evidence=Evidence(case.original(item_id), item.sha256, item.size_bytes, item.modified_utc),
        facts=facts,
        weights=WeightsUsed("student", "5" * 64, "boxprompt-student"),
        device="cpu",
        runtime="torch 2.13.0",
        views="fast",
        tiles=0,
        parameters={},
        scores=ScoreSummary(0.0, 0.875, 0.25, 0.125, 0.5, 0.75),
        threshold=0.5,
        threshold_source=ThresholdSource.WEIGHTS_CARD,
        share_over_threshold=0.0625,
        rendering={},
        outputs=(),
        seconds={"total": 0.1},
        tool_version="0.1.0",
        environment={},
        time="2026-01-01T00:00:00+00:00",
    )
    return replace(made, **changes)


Change = Callable[[CaseSession, int, DecodeFacts, Path], object]
# Every method that can change something, with the events that it leaves. `create` and `open` are tested below.
CHANGES: dict[str, tuple[Change, list[str]]] = {
    "add": (lambda case, item, facts, folder: case.add([folder / "IMG_10.jpg"]), ["evidence added"]),
    "verify": (lambda case, item, facts, folder: case.verify(occasion="test"), ["originals verified"]),
    "note_decoded": (
        lambda case, item, facts, folder: case.note_decoded(item, replace(facts, bit_depth=16)),
        ["evidence decoded"],
    ),
    "note_unreadable": (
        lambda case, item, facts, folder: case.note_unreadable(item, "It is damaged."),
        ["evidence not decoded"],
    ),
    "set_group": (lambda case, item, facts, folder: case.set_group([item], "Quay"), ["group set"]),
    "tag": (lambda case, item, facts, folder: case.tag([item], add=["seen"]), ["tags changed"]),
    "put_finding": (
        lambda case, item, facts, folder: case.put_finding(item, finding(case, item, facts), MAPS),
        ["finding stored"],
    ),
    "commit": (lambda case, item, facts, folder: case.commit(item, MARK, label="Mark"), ["edit"]),
    "undo": (
        lambda case, item, facts, folder: (case.commit(item, MARK, label="Mark"), case.undo(item)),
        ["edit", "undo"],
    ),
    "redo": (
        lambda case, item, facts, folder: (case.commit(item, MARK, label="Mark"), case.undo(item), case.redo(item)),
        ["edit", "undo", "redo"],
    ),
    "note": (
        lambda case, item, facts, folder: case.note("labels exported", subject="labels.json"),
        ["labels exported"],
    ),
    "close": (lambda case, item, facts, folder: case.close(), ["case closed"]),
}
CONFIRMS = "confirm"
ONLY_READS = {
    "folder", "author", "info", "items", "item", "original", "groups", "tags", "findings", "maps", "annotation",
    "log", "audit", "originals", "copy_database",
}  # fmt: skip
MAKERS = {"create", "open"}


def test_every_method_of_a_session_is_known_to_change_something_or_to_read() -> None:
    public = {name for name, _ in inspect.getmembers(CaseSession) if not name.startswith("_")}
    assert public == {*CHANGES, CONFIRMS, *ONLY_READS, *MAKERS}


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_leaves_its_event(
    case: CaseSession, drawable: int, facts: DecodeFacts, photographs: Path, method: str
) -> None:
    change, expected = CHANGES[method]
    before = len(case.audit())
    change(case, drawable, facts, photographs)
    if method == "close":
        case = CaseSession.open(case.folder, author="Bob", read_only=True)
    events = case.audit()
    assert [event.action for event in events[before:]] == expected
    case.close()


@pytest.mark.parametrize("method", ["set_group", "tag", "note_decoded", "note_unreadable"])
def test_what_changes_nothing_leaves_no_event(
    case: CaseSession, drawable: int, facts: DecodeFacts, photographs: Path, method: str
) -> None:
    change, _ = CHANGES[method]
    change(case, drawable, facts, photographs)
    before = len(case.audit())
    change(case, drawable, facts, photographs)
    assert len(case.audit()) == before


@pytest.mark.parametrize("method", set(CHANGES) - {"close", "verify"})
def test_every_change_is_refused_where_the_case_can_only_be_looked_at(
    case: CaseSession, drawable: int, facts: DecodeFacts, photographs: Path, method: str
) -> None:
    with CaseSession.open(case.folder, author="Bob") as second, pytest.raises(CaseReadOnly):
        CHANGES[method][0](second, drawable, facts, photographs)


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


def again_id(folder: Path) -> str:
    with CaseSession.open(folder, author="Bob", read_only=True) as case:
        return case.info.id


@pytest.mark.parametrize("method", set(CHANGES) - {"close", "verify", "note"})
def test_a_change_whose_event_cannot_be_written_is_not_made(
    case: CaseSession,
    drawable: int,
    facts: DecodeFacts,
    photographs: Path,
    method: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def state() -> tuple[Any, ...]:
        return (case.items(), case.findings(drawable), case.annotation(drawable), case.log(drawable))

    before = state()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the event cannot be written")

    with monkeypatch.context() as broken:
        broken.setattr(trail, "append", fail)
        with pytest.raises(RuntimeError):
            CHANGES[method][0](case, drawable, facts, photographs)
    assert state() == before
    CHANGES[method][0](case, drawable, facts, photographs)
    case.audit()


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


@pytest.mark.parametrize("table", ["audit", "edit"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET time = ''", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_its_logs(
    case: CaseSession, drawable: int, table: str, statement: str
) -> None:
    case.commit(drawable, MARK, label="Mark")
    case.close()
    with (
        closing(sqlite3.connect(case.folder / "case.sqlite3")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only appended"),
    ):
        connection.execute(statement.format(table))


TRIGGERS = ("audit_is_never_changed", "audit_is_never_deleted", "edit_is_never_changed", "edit_is_never_deleted")


def behind_the_back(folder: Path, statement: str) -> None:
    """Change a closed case as somebody would who knows SQLite, the triggers put back afterwards."""
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        kept = [
            connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0]
            for name in TRIGGERS
        ]
        for name in TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount
        for text in kept:
            connection.execute(text)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit SET actor = 'Eve' WHERE seq = 2", r"event 2 \(evidence added\) was altered"),
        ("""UPDATE audit SET details = '{"a":1}' WHERE seq = 3""", r"event 3 \(evidence decoded\) was altered"),
        ("UPDATE audit SET details = 'no json' WHERE seq = 3", r"event 3 \(evidence decoded\) was altered"),
        ("DELETE FROM audit WHERE seq = 2", "event 2 is missing"),
        ("DELETE FROM audit", "event 1 is missing"),
        ("UPDATE audit SET previous = sha256 WHERE seq = 4", r"event 4 \(finding stored\) does not follow"),
        ("UPDATE audit SET seq = 99 WHERE seq = 3", "event 3 is missing"),
    ],
)
def test_a_trail_changed_by_hand_is_damage_that_names_the_first_event(
    case: CaseSession, drawable: int, facts: DecodeFacts, statement: str, named: str
) -> None:
    case.put_finding(drawable, finding(case, drawable, facts), MAPS)
    case.close()
    behind_the_back(case.folder, statement)
    before = (case.folder / "case.sqlite3").read_bytes()
    for read_only in (False, True):
        with pytest.raises(CaseDamaged, match=named):
            CaseSession.open(case.folder, author="Ada", read_only=read_only)
    assert (case.folder / "case.sqlite3").read_bytes() == before


def test_a_trail_that_is_changed_while_it_is_open_is_found(case: CaseSession, drawable: int) -> None:
    behind_the_back(case.folder, "UPDATE audit SET actor = 'Eve' WHERE seq = 2")
    with pytest.raises(CaseDamaged, match="event 2"):
        case.audit()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE item SET sha256 = '00' WHERE id = 1", "item 1 is not what event 2"),
        ("UPDATE item SET added_by = 'Eve'", "item 1 is not what event 2"),
        ("UPDATE item SET name = 'other.jpg'", "item 1 is not what event 2"),
        ("UPDATE item SET source = '/elsewhere/IMG_9.JPG'", "item 1 is not what event 2"),
        ("UPDATE item SET grouping = 'Pier' WHERE id = 1", "group or tags of item 1 are not what the trail says"),
        ("UPDATE item SET grouping = 'Pier', group_key = 'pier' WHERE id = 1", "group or tags of item 1"),
        ("UPDATE item SET group_key = 'pier' WHERE id = 2", "group or tags of item 2"),
        ("UPDATE item SET tags = '[]' WHERE id = 1", "group or tags of item 1"),
        ("""UPDATE item SET tags = '["seen","told"]' WHERE id = 1""", "group or tags of item 1"),
        ("UPDATE item SET tags = 'none' WHERE id = 1", "Tags of this case cannot be read"),
        ("UPDATE item SET tags = '7' WHERE id = 1", "Tags of this case cannot be read"),
        ("DELETE FROM tag", "group or tags of item 1"),
        ("INSERT INTO tag VALUES ('seen', 2)", "group or tags of item 2"),
        ("UPDATE item SET regions = 0", "the list shows something else of item 1 than its annotation"),
        ("UPDATE item SET conclusion = 'open'", "the list shows something else of item 1 than its annotation"),
        ("UPDATE edit SET author = 'Eve' WHERE seq = 1", "entry 1 of the edit log is not what event"),
        ("UPDATE edit SET edit = replace(edit, 'Cloned', 'Erased') WHERE seq = 1", "entry 1 of the edit log"),
        ("UPDATE annotation SET record = replace(record, 'Cloned', 'Erased')", "the annotation of item 1 is not"),
        ("UPDATE annotation SET revision = 1", "the annotation of item 1 is not"),
        ("DELETE FROM annotation", "the annotation of item 1 is missing"),
        ("UPDATE finding SET record = replace(record, '0.0625', '0.0')", "finding 1 is not what event"),
        ("DELETE FROM finding", "finding 1 is not what event"),
        ("UPDATE finding SET item_id = 2", "finding 1 is not what event"),
        ("UPDATE item SET share = 0.0 WHERE id = 1", "the list shows other scores of item 1 than its newest finding"),
        ("UPDATE item SET threshold = 0.9 WHERE id = 2", "the list shows other scores of item 2 than its newest"),
        ("INSERT INTO finding SELECT 2, item_id, maps_sha256, record FROM finding", "1 rows of table «finding»"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "1 rows of table «edit»"),
    ],
)
def test_a_change_behind_the_trail_is_named(
    case: CaseSession, photographs: Path, drawable: int, facts: DecodeFacts, statement: str, named: str
) -> None:
    case.put_finding(drawable, finding(case, drawable, facts), MAPS)
    case.add([photographs / "IMG_10.jpg"], group="Quay")
    case.set_group([drawable], "Quay")
    case.tag([drawable], add=["seen", "doubt"])
    case.tag([drawable], remove=["doubt"])
    details = RegionDetails("Ada", "2026-01-01T00:00:00+00:00", note="Cloned")
    case.commit(drawable, AddRegion(Region("a", Mask.full(Size(8, 6)), details), 0), label="Box")
    case.commit(drawable, MARK, label="Mark")
    assert case.audit()[-1].action == "edit"
    behind_the_back(case.folder, statement)
    with pytest.raises(CaseDamaged, match=named):
        case.audit()


def forged(folder: Path, action: str, details_json: str, *, subject: str = "") -> None:
    """Append an event with a sound hash, as somebody can who makes up a whole case."""
    with closing(sqlite3.connect(folder / "case.sqlite3", isolation_level=None)) as connection:
        seq, previous = connection.execute("SELECT seq, sha256 FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        event = AuditEvent(seq + 1, "2026-01-01T00:00:00+00:00", "Eve", action, subject, {}, previous, "")
        values = (event.seq, event.time, event.actor, action, subject, details_json, previous)
        sha256 = event_hash(event, details_json=details_json)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, sha256))


@pytest.mark.parametrize("details_json", ["no json", "[" * 100_000 + "]" * 100_000, "[]", "7"])
def test_a_forged_event_that_nobody_can_read_is_damage(case: CaseSession, details_json: str) -> None:
    case.close()
    forged(case.folder, "a note", details_json)
    with pytest.raises(CaseDamaged, match="event 3"):
        CaseSession.open(case.folder, author="Ada")


@pytest.mark.parametrize("record", ["no json", "{}", "[]"])
def test_a_forged_finding_that_nobody_can_read_is_damage(case: CaseSession, drawable: int, record: str) -> None:
    with closing(sqlite3.connect(case.folder / "case.sqlite3", isolation_level=None)) as connection:
        connection.execute("INSERT INTO finding VALUES (1, ?, ?, ?)", (drawable, "0" * 64, record))
    forged(
        case.folder,
        "finding stored",
        json.dumps(
            {"finding": 1, "maps_sha256": "0" * 64, "record_sha256": hashlib.sha256(record.encode()).hexdigest()}
        ),
        subject=case.item(drawable).sha256,
    )
    with pytest.raises(CaseDamaged, match="newest finding of item 1"):
        case.audit()


def test_groups_and_tags_that_the_trail_led_to_are_vouched_for(case: CaseSession, photographs: Path) -> None:
    first, second = case.add([photographs / "IMG_9.JPG", photographs / "IMG_10.jpg"], group="Quay \udcff").added
    case.set_group([first, second], "Pier \udcfe")
    case.tag([first], add=["a", "A", "b \udcff"])
    case.tag([first, second], add=["c"], remove=["b \udcff"])
    case.set_group([second], "")
    assert case.audit()[-1].action == "group set"


@pytest.mark.parametrize("action", ["evidence added", "edit", "finding stored", "group set", "tags changed"])
@pytest.mark.parametrize(
    "details_json",
    [
        "{}",
        '{"items":[1],"group":"Quay","added":[],"removed":[]}',
        '{"items":7,"group":7,"added":[7],"removed":[7]}',
        '{"item":{},"entry":[],"finding":{}}',
        '{"item":1e999,"entry":1,"finding":9999999999999999999999}',
    ],
)
def test_a_forged_event_that_vouches_for_nothing_is_damage(case: CaseSession, action: str, details_json: str) -> None:
    forged(case.folder, action, details_json)
    with pytest.raises(CaseDamaged, match="event 2"):
        case.audit()


def test_an_item_named_by_bytes_that_are_no_text_is_vouched_for(case: CaseSession, tmp_path: Path) -> None:
    try:
        (tmp_path / "IMG_\udcff.jpg").write_bytes(b"named in another encoding")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    (item_id,) = case.add([tmp_path / "IMG_\udcff.jpg"]).added
    assert case.item(item_id).name == r"IMG_\udcff.jpg"
    assert case.audit()[-1].action == "evidence added"


def test_an_undo_that_does_not_fit_the_annotation_is_damage(case: CaseSession, drawable: int) -> None:
    case.commit(drawable, MARK, label="Mark")
    behind_the_back(case.folder, "UPDATE annotation SET record = replace(record, 'no manipulation found', 'open')")
    case.close()
    with CaseSession.open(case.folder, author="Ada") as again, pytest.raises(CaseDamaged, match="marked otherwise"):
        again.undo(drawable)

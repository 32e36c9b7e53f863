"""No change behind the back of a case goes unseen: the first event that does not fit is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from forensic_gui.domain.annotation import Conclusion, Region, RegionDetails
from forensic_gui.domain.edits import AddRegion, SetConclusion, Several
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.made_findings import MAPS, finding
from tests.forensic_gui.services.case.tampering import behind_the_back, forged

MARK = SetConclusion(Conclusion.OPEN, Conclusion.NO_MANIPULATION_FOUND)


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
        ("UPDATE item SET width = 9 WHERE id = 2", "how item 2 was decoded is not what the trail says"),
        ("UPDATE item SET unreadable = '' WHERE id = 2", "how item 2 was decoded is not what the trail says"),
        ("UPDATE decoding SET facts = replace(facts, 'Pillow', 'OpenCV')", "how item 1 was decoded is not"),
        ("DELETE FROM decoding", "how item 1 was decoded is not what the trail says"),
        ("UPDATE about SET created_by = 'Eve'", "the case is not what event 1 says was created"),
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
        ("UPDATE item SET suffix = '.png' WHERE id = 1", "item 1 is looked for in the vault under another suffix"),
        ("UPDATE item SET name_key = 'zzz' WHERE id = 2", "item 2 is sorted by something else than its name"),
        ("UPDATE searched SET text = 'nothing' WHERE item_id = 1", "the text by which item 1 is found is not"),
        ("UPDATE searched SET text = replace(text, 'cloned', '')", "the text by which item 1 is found is not"),
        ("DELETE FROM searched WHERE item_id = 2", "the text by which item 2 is found is not"),
        ("INSERT INTO searched VALUES (9, 'more')", "a text to find item 9 by, and no such item"),
        ("UPDATE region SET item_id = 2", "region a is not of the item that the edit log says"),
        ("DELETE FROM region WHERE id = 'b'", "region b is not of the item that the edit log says"),
        ("INSERT INTO region VALUES ('c', 1)", "region c is not of the item that the edit log says"),
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
    case.note_unreadable(2, "It is no photograph.")
    details = RegionDetails("Ada", "2026-01-01T00:00:00+00:00", note="Cloned")
    case.commit(drawable, AddRegion(Region("a", Mask.full(Size(8, 6)), details), 0), label="Box")
    second = AddRegion(Region("b", Mask.full(Size(8, 6)), replace(details, note="")), 1)
    case.commit(drawable, Several((second,)), label="Import")
    case.undo(drawable)
    case.commit(drawable, MARK, label="Mark")
    assert case.audit()[-1].action == "edit"
    behind_the_back(case.folder, statement)
    with pytest.raises(CaseDamaged, match=named):
        case.audit()


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


@pytest.mark.parametrize(
    "action",
    ["case created", "evidence added", "evidence decoded", "evidence not decoded", "edit", "finding stored",
     "group set", "tags changed"],
)  # fmt: skip
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

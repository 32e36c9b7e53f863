"""`forensic-gui audit`, as a script and a person call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.cli.main import main
from forensic_gui.services.case import CaseSession
from tests.forensic_gui.services.case.tampering import behind_the_back

HOSTILE = "IMG\x1b[2J\u202egpj.exe\n<b>1</b>"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "IMG_9.JPG").write_bytes(b"nine")
    with CaseSession.create(tmp_path / "First", author="Ada\x1b[31m") as session:
        session.add([tmp_path / "IMG_9.JPG"])
        session.set_group([1], HOSTILE)
        return session.folder


def records(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_whole_trail_is_said_to_be_whole_with_its_head(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(case), "--json"]) == 0
    (told,) = records(capfd)
    assert (told["whole"], told["events"], told["fault"], told["tables_compared"]) == (True, 4, None, True)
    assert main(["audit", "verify", str(case)]) == 0
    said = capfd.readouterr().out
    assert said.startswith("The audit trail is whole, and everything in the case is as it says: 4 events, the last one")
    assert told["head"] in said


def test_the_first_damaged_event_is_named_with_number_time_and_action(
    case: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    behind_the_back(case, "UPDATE audit SET actor = 'Eve' WHERE seq = 2")
    assert main(["audit", "verify", str(case)]) == 1
    said = capfd.readouterr().out
    assert "The audit trail is damaged: event 2 (evidence added) was altered." in said
    assert ", evidence added, altered" in said
    assert "1 event fits, the last one of hash" in said
    assert main(["audit", "verify", str(case), "--json"]) == 1
    (told,) = records(capfd)
    assert (told["fault"]["kind"], told["fault"]["number"], told["whole"]) == ("altered", 2, False)


def test_where_not_even_the_first_event_fits_that_is_said(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    behind_the_back(case, "DELETE FROM audit WHERE seq < 3")
    assert main(["audit", "verify", str(case)]) == 1
    said = capfd.readouterr().out
    assert "events 1 to 2 are missing" in said
    assert "no event fits" in said


def test_a_printed_head_that_is_not_in_the_trail_ends_with_status_1(
    case: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", str(case), "--json"]) == 0
    head = records(capfd)[0]["head"]
    assert main(["audit", "verify", str(case), "--head", head.upper(), "--events", "4"]) == 0
    assert "is in the trail: number 4, and 0 events follow" in capfd.readouterr().out
    assert main(["audit", "verify", str(case), "--head", "0" * 64, "--events", "9", "--json"]) == 1
    (told,) = records(capfd)
    assert (told["whole"], told["fault"], told["printed_head"]["in_trail"]) == (False, None, False)
    assert told["printed_head"]["message"].startswith("The trail ends before the event that the report names")


@pytest.mark.parametrize(
    "arguments",
    [["verify", "none"], ["verify", ".", "--events", "3"], ["verify", ".", "--head", "abc"], ["verify", "."],
     ["list", "."], ["list", "CASE", "--since", "once"], ["export", "CASE", "-o", "CASE/trail.jsonl"],
     ["export", "CASE", "-o", "THERE"], ["export", "CASE"]],
)  # fmt: skip
def test_a_wrong_call_ends_with_status_2_and_a_sentence(
    case: Path, arguments: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("kept")
    filled = [each.replace("CASE", str(case)).replace("THERE", str(there)) for each in arguments]
    assert main(["audit", *filled]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.rstrip().endswith(".")
    assert there.read_text() == "kept"


def test_an_export_can_be_verified_and_replaced(case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "trail.jsonl"
    assert main(["audit", "export", str(case), "-o", str(place), "--author", "Bob", "--json"]) == 0
    (told,) = records(capfd)
    assert main(["audit", "verify", str(place)]) == 0
    said = capfd.readouterr().out
    assert "as far as a file of events shows" in said
    assert told["head"] in said
    assert main(["audit", "export", str(case), "-o", str(place), "--replace"]) == 0
    assert "events were written to" in capfd.readouterr().err
    place.write_bytes(place.read_bytes()[:-30])
    assert main(["audit", "verify", str(place)]) == 1
    assert "is no JSON" in capfd.readouterr().out


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"%PDF-1.7\n1 0 obj\nendobj\n", bytes(range(256)) * 9, b"{}\n[1]\n"],
    ids=["empty", "blank", "report", "photograph", "json"],
)  # fmt: skip
def test_a_file_that_is_no_trail_at_all_is_a_wrong_call_and_no_damage(
    tmp_path: Path, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "something"
    place.write_bytes(data)
    assert main(["audit", "verify", str(place)]) == 2
    told = capfd.readouterr()
    assert "is no audit trail" in told.err
    assert told.out == ""


def test_a_trail_whose_first_line_is_no_event_any_more_is_damaged(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "trail.jsonl"
    assert main(["audit", "export", str(case), "-o", str(place)]) == 0
    place.write_bytes(b"#" + place.read_bytes())
    assert main(["audit", "verify", str(place)]) == 1
    assert "event 1 was altered: line 1 is no JSON" in capfd.readouterr().out


def test_an_export_of_a_case_that_somebody_has_open_is_not_recorded_and_says_so(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with CaseSession.open(case, author="Ada") as session:
        before = len(session.audit())
        assert main(["audit", "export", str(case), "-o", str(tmp_path / "trail.jsonl")]) == 0
        assert len(session.audit()) == before
    assert "is not recorded in the case's audit trail" in capfd.readouterr().err


def test_events_are_listed_for_people_without_anything_that_a_terminal_would_obey(
    case: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "list", str(case)]) == 0
    told = capfd.readouterr()
    lines = told.out.splitlines()
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)
    assert "group set  IMG_9.JPG  group: IMG\\x1b[2J\\u202egpj.exe\\n<b>1</b>" in lines[2]
    assert "4 of 4 events; the chain was not checked" in told.err


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--action", "evidence"], [2]),
        (["--actor", "ada"], [1, 2, 3, 4]),
        (["--item", "img_9"], [2, 3]),
        (["--item", "IMG_9", "--action", "group"], [3]),
        (["--until", "2020-01-01"], []),
        (["--since", "2020-01-01"], [1, 2, 3, 4]),
    ],
)
def test_events_are_listed_for_programs_in_part(
    case: Path, options: list[str], found: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "list", str(case), "--json", *options]) == 0
    told = records(capfd)
    assert [each["seq"] for each in told] == found
    assert all(each["details"]["group"] == HOSTILE for each in told if each["seq"] == 3)


def test_a_damaged_trail_is_listed_all_the_same(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    behind_the_back(case, "UPDATE audit SET details = 'no json' WHERE seq = 2")
    assert main(["audit", "list", str(case), "--json"]) == 0
    assert records(capfd)[1]["details"] == "no json"
    assert main(["audit", "export", str(case), "-o", str(case.parent / "trail.jsonl")]) == 2
    assert "event 2 (evidence added) was altered" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_have_are_listed_as_the_text_that_is_there(
    case: Path, capfd: pytest.CaptureFixture[str], number: str
) -> None:
    behind_the_back(case, f"""UPDATE audit SET details = '{{"share":{number}}}' WHERE seq = 2""")
    assert main(["audit", "list", str(case), "--json"]) == 0
    assert records(capfd)[1]["details"] == f'{{"share":{number}}}'

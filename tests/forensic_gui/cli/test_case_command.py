"""`forensic-gui case` and `analyze --case`, as a script calls them."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.services.case import CaseSession


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"IMG_{number}.png")
    (folder / "copy of IMG_0.png").write_bytes((folder / "IMG_0.png").read_bytes())
    return folder


def _records(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def _flip_a_byte(path: Path) -> None:
    """Alter a file as one who hides it would: its times stay."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_case_is_made_and_says_what_it_holds(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = str(tmp_path / "First.case")
    assert main(["case", "create", case, str(photographs), "--author", "ada", "--json"]) == 0
    made = _records(capfd)[-1]
    assert (made["name"], made["created_by"], made["items"]) == ("First", "ada", 2)
    assert (len(made["added"]), len(made["known"])) == (2, 1)
    assert main(["case", "info", case, "--items", "--json"]) == 0
    told = _records(capfd)
    assert [record["event"] for record in told] == ["case", "item", "item"]
    assert {record["regions"] for record in told[1:]} == {0}
    assert main(["case", "info", case, "--items"]) == 0
    assert "not analyzed" in capfd.readouterr().out


def test_the_same_bytes_are_not_added_twice(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = str(tmp_path / "First.case")
    assert main(["case", "create", case]) == 0
    assert main(["case", "add", case, str(photographs), "--group", "phone", "--json"]) == 0
    capfd.readouterr()
    assert main(["case", "add", case, str(photographs), "--json"]) == 0
    assert _records(capfd)[-1]["added"] == []
    assert main(["case", "info", case, "--items", "--json"]) == 0
    assert {record["group"] for record in _records(capfd)[1:]} == {"phone"}


def test_a_file_that_is_not_there_is_named_and_the_rest_added(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = str(tmp_path / "First.case")
    assert main(["case", "create", case, str(tmp_path / "missing.jpg"), str(photographs / "IMG_0.png")]) == 1
    told = capfd.readouterr().err
    assert "missing.jpg" in told
    assert "1 added" in told


def test_an_altered_original_is_named_and_recorded(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    assert main(["case", "verify", str(case)]) == 0
    assert "2 of 2 originals" in capfd.readouterr().out
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        name, original = session.item(1).name, session.original(1)
    _flip_a_byte(original)
    assert main(["case", "verify", str(case), "--json"]) == 1
    captured = capfd.readouterr()
    assert f"{name}: The original was altered" in captured.err
    assert captured.err.count(name) == 1
    assert len(json.loads(captured.out)["altered"]) == 1
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        assert name in json.dumps([event.details for event in session.audit()])


def test_adding_verifies_what_was_there_and_looking_says_that_it_does_not(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs / "IMG_0.png")]) == 0
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        original = session.original(1)
    _flip_a_byte(original)
    capfd.readouterr()
    assert main(["case", "add", str(case), str(photographs / "IMG_1.png"), "--json"]) == 1
    told = capfd.readouterr()
    assert "IMG_0.png: The original was altered" in told.err
    added = json.loads(told.out)
    assert (added["added"], [each["item"] for each in added["altered"]]) == ([2], [1])
    assert main(["case", "info", str(case)]) == 0
    assert "originals were not verified now" in capfd.readouterr().out
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        occasions = [event.details.get("occasion") for event in session.audit() if "occasion" in event.details]
    assert occasions == ["case add"]


def test_files_that_the_case_does_not_know_are_named(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    call = ["analyze", "-o", str(tmp_path / "out"), "--case", str(case), "--weights", str(untrained_weights)]
    assert main([*call, "--write", "none"]) == 0
    assert main(["case", "verify", str(case)]) == 0
    (case / "originals" / "00").mkdir(exist_ok=True)
    (case / "originals" / "00" / "planted.jpg").write_bytes(b"planted")
    (case / "derived" / "results").symlink_to(photographs)
    capfd.readouterr()
    assert main(["case", "verify", str(case), "--json"]) == 1
    told = capfd.readouterr()
    assert json.loads(told.out)["unknown"] == ["derived/results", "originals/00/planted.jpg"]
    assert "originals/00/planted.jpg: unknown file in the case" in told.err
    assert told.err.count("unknown file") == 2


def test_an_altered_original_is_named_also_where_the_trail_does_not_hold(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        original = session.original(1)
    _flip_a_byte(original)
    with closing(sqlite3.connect(case / "case.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE item SET source = '/elsewhere' WHERE id = 2")
    capfd.readouterr()
    assert main(["case", "verify", str(case)]) == 2
    told = capfd.readouterr().err
    assert "The original was altered" in told
    assert "item 2 is not what event" in told


def test_a_case_travels_as_an_archive(tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case, archive, second = (str(tmp_path / name) for name in ("First.case", "first.zip", "Second.case"))
    assert main(["case", "create", case, str(photographs)]) == 0
    assert main(["case", "export", case, "-o", archive]) == 0
    assert main(["case", "import", second, archive]) == 0
    assert main(["case", "verify", second]) == 0
    assert main(["case", "import", second, archive]) == 2
    assert "exists already" in capfd.readouterr().err


def test_what_a_folder_holds_besides_photographs_is_counted(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (photographs / ".hidden.jpg").write_bytes(b"hidden")
    (photographs / "notes.txt").touch()
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs), "--json"]) == 0
    told = capfd.readouterr()
    assert json.loads(told.out)["other"] == 2
    assert "2 files or hidden folders were not opened" in told.err
    # The case's own database and lock are no companions of photographs.
    assert main(["case", "add", str(case), str(tmp_path), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["other"] == 2


def test_what_only_reads_a_case_that_another_has_open_says_that_it_is_not_recorded(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    capfd.readouterr()
    with closing(CaseSession.open(case, author="ada")):
        assert main(["case", "verify", str(case)]) == 0
        assert main(["case", "export", str(case), "-o", str(tmp_path / "first.zip")]) == 0
    told = capfd.readouterr().err
    assert "This verification is not recorded in the case's audit trail: another window or process has" in told
    assert "This export is not recorded" in told
    assert "looked at" not in told


def test_a_case_in_a_folder_that_does_not_exist_is_refused_in_words_of_cases(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "create", str(tmp_path / "none" / "First.case")]) == 2
    told = capfd.readouterr().err
    assert f"The folder {tmp_path / 'none'} does not exist: make it" in told
    assert "output" not in told


def test_results_among_evidence_are_remarked_upon(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    call = ["analyze", str(photographs / "IMG_1.png"), "--weights", str(untrained_weights), "-o"]
    assert main([*call, str(tmp_path / "out")]) == 0
    assert "among the evidence" not in capfd.readouterr().err
    assert main([*call, str(photographs)]) == 0
    assert f"The results lie among the evidence in {photographs}" in capfd.readouterr().err


def test_an_output_that_is_a_file_is_refused_as_one(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.png").touch()
    call = ["analyze", str(photographs), "--weights", str(untrained_weights), "-o", str(tmp_path / "out.png")]
    assert main(call) == 2
    assert f"{tmp_path / 'out.png'} is a file, not a folder" in capfd.readouterr().err


def test_what_is_no_case_is_a_wrong_call(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "info", str(tmp_path / "Missing.case")]) == 2
    assert "Missing.case" in capfd.readouterr().err
    (tmp_path / "Empty.case").mkdir()
    assert main(["case", "info", str(tmp_path / "Empty.case")]) == 2
    assert main(["case", "create", str(tmp_path / "Empty.case")]) == 2


def test_analyzing_into_a_case_keeps_findings_and_maps(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case, out = tmp_path / "First.case", tmp_path / "out"
    call = ["analyze", str(photographs), "-o", str(out), "--case", str(case), "--weights", str(untrained_weights)]
    assert main(["case", "create", str(case)]) == 0
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photographs.iterdir()}
    assert main(call) == 0
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photographs.iterdir()} == before
    lines = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    assert {Path(line["path"]).parent for line in lines} == {photographs}
    assert (out / "IMG_1.mask.png").exists()
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        for item, line in zip(session.items(), sorted(lines, key=lambda each: each["path"]), strict=True):
            (finding,) = session.findings(item.id)
            assert item.share == line["share_over_threshold"]
            assert finding.record["sha256"] == item.sha256
            assert session.maps(finding)["heatmap"].dtype == np.float32
            assert item.size is not None


def test_every_item_is_analyzed_where_no_path_is_given_and_an_altered_one_is_refused(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case, out = tmp_path / "First.case", tmp_path / "out"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        name, original = session.item(2).name, session.original(2)
    _flip_a_byte(original)
    call = ["analyze", "-o", str(out), "--case", str(case), "--weights", str(untrained_weights), "--write", "none"]
    assert main(call) == 1
    told = capfd.readouterr().err
    assert f"{name}: The case's copy is not what was put into the case" in told
    assert told.count(name) == 1
    assert len((out / "findings.jsonl").read_text().splitlines()) == 1
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        assert session.findings(2) == ()


def test_a_copy_that_is_missing_is_told_from_its_source_which_is_there(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case, out = tmp_path / "First.case", tmp_path / "out"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        source = session.item(2).source
        session.original(2).unlink()
    call = ["analyze", "-o", str(out), "--case", str(case), "--weights", str(untrained_weights), "--write", "none"]
    capfd.readouterr()
    assert main([*call, "--json"]) == 1
    told = capfd.readouterr()
    assert f"{source}: The case's copy is missing" in told.err
    assert "does not exist" not in told.err
    (failure,) = json.loads(told.out)["failures"]
    assert (failure["kind"], failure["path"]) == ("EvidenceMissing", source)
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        (event,) = [event for event in session.audit() if event.action == "originals verified"]
        assert event.details["occasion"] == "analysis"


def test_a_damaged_photograph_of_a_case_is_recorded_as_unreadable(
    tmp_path: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    case, out = tmp_path / "First.case", tmp_path / "out"
    assert main(["case", "create", str(case), str(tmp_path / "damaged.jpg")]) == 0
    assert main(["analyze", "-o", str(out), "--case", str(case), "--weights", str(untrained_weights)]) == 1
    with closing(CaseSession.open(case, author="ada", read_only=True)) as session:
        assert session.item(1).unreadable
        assert str(case) not in session.item(1).unreadable


def test_an_empty_case_has_nothing_to_analyze(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "create", str(tmp_path / "First.case")]) == 0
    assert main(["analyze", "-o", str(tmp_path / "out"), "--case", str(tmp_path / "First.case")]) == 2
    assert "nothing to analyze" in capfd.readouterr().err


def test_an_archive_replaces_no_file_unless_that_is_asked_for(
    tmp_path: Path, photographs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case, victim = str(tmp_path / "First.case"), photographs / "IMG_1.png"
    before = victim.read_bytes()
    assert main(["case", "create", case, str(photographs / "IMG_0.png")]) == 0
    assert main(["case", "export", case, "-o", str(victim)]) == 2
    assert "--replace" in capfd.readouterr().err
    assert victim.read_bytes() == before
    assert main(["case", "export", case, "-o", str(tmp_path / "first.zip")]) == 0
    assert main(["case", "export", case, "-o", str(tmp_path / "first.zip"), "--replace"]) == 0
    assert main(["case", "export", case, "-o", str(Path(case) / "in.zip")]) == 2


def test_results_do_not_go_into_a_case(
    tmp_path: Path, photographs: Path, untrained_weights: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "First.case"
    assert main(["case", "create", str(case), str(photographs)]) == 0
    files = sorted(case.rglob("*"))
    call = ["analyze", str(photographs), "--weights", str(untrained_weights), "-o", str(case / "originals" / "out")]
    assert main(call) == 2
    assert "lies in the case" in capfd.readouterr().err
    assert sorted(case.rglob("*")) == files

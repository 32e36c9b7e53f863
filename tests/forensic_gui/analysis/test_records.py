"""Findings as JSON, names of files, and the log that keeps them."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.errors import OutputError, OutputExhausted
from forensic_gui.domain.evidence import DecodeFacts, Evidence
from forensic_gui.domain.finding import (
    Failure,
    Finding,
    OutputFile,
    Product,
    ScoreSummary,
    ThresholdSource,
    WeightsUsed,
)
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services import findings_log
from forensic_gui.services.findings_log import FindingLine, FindingsLog
from forensic_gui.services.naming import MAX_STEM_BYTES, Owner, StemNames


def finding(name: str = "a", *, path: str = "/evidence/a.jpg", mean: float = 0.5) -> Finding:
    return Finding(
        evidence=Evidence(Path(path), "a" * 64, 10, "2026-01-01T00:00:00+00:00"),
        facts=DecodeFacts("JPEG", "Pillow", "13", Size(30, 20), Orientation(6), "RGB", 8, parameters={"b": 1, "a": 2}),
        weights=WeightsUsed("w", "b" * 64, "student"),
        device="cpu",
        runtime="torch 2",
        views="fast",
        tiles=0,
        parameters={"side": 224, "dtype": "float32"},
        scores=ScoreSummary(0.0, 1.0, mean, 0.5, 0.9, 0.99),
        threshold=0.5,
        threshold_source=ThresholdSource.WEIGHTS_CARD,
        share_over_threshold=0.25,
        rendering={},
        outputs=(OutputFile(Product.MASK, f"{name}.mask.png", "c" * 64, 12),),
        seconds={"hash": 0.1, "total": 0.2},
        tool_version="0",
        environment={"system": "Linux"},
        time="2026-01-01T00:00:00+00:00",
    )


def test_a_finding_is_one_line_of_ascii_whose_keys_never_change_places() -> None:
    line = finding(path="/evidence/\u202egpj.é\udcff\n.jpg").to_json()
    assert line.isascii() and "\n" not in line
    record = json.loads(line)
    assert record["path"] == "/evidence/\u202egpj.é\udcff\n.jpg"
    assert list(record)[:5] == ["schema", "path", "sha256", "size_bytes", "modified_utc"]
    assert list(record["parameters"]) == ["dtype", "side"] and list(record["decoder_parameters"]) == ["a", "b"]
    assert (record["width"], record["height"], record["view_width"], record["view_height"]) == (30, 20, 20, 30)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        finding(mean=float("nan")).to_json()


def test_a_failure_is_one_line_too() -> None:
    record = json.loads(Failure(Path("x\n.jpg"), "EvidenceDamaged", "It ends early.").to_json())
    assert record["path"] == "x\n.jpg" and record["sha256"] is None


@given(st.lists(st.sampled_from(["a", "A", "b", "a~2", "x" * 300, "é", "e\u0301"]), max_size=12))
def test_no_stem_is_given_twice_in_a_run(stems: list[str]) -> None:
    names = StemNames({}, is_free=lambda _stem: True)
    given_names = [names.take(stem, Owner(str(index), 0)) for index, stem in enumerate(stems)]
    assert len({name.casefold() for name in given_names}) == len(stems)
    assert all(len(name.encode()) <= MAX_STEM_BYTES + 4 for name in given_names)


def test_an_earlier_runs_stem_goes_to_the_same_content_only() -> None:
    earlier = {"a": Owner("one", 0), "a~2": Owner("two", 0)}
    names = StemNames(earlier, is_free=lambda stem: stem != "a~3")
    assert names.take("a", Owner("two", 0)) == "a~2"
    assert names.take("a", Owner("one", 1)) == "a~4"  # another page; a~3 is somebody else's file
    assert names.take("A", Owner("one", 0)) == "A"


def test_a_long_stem_is_cut_between_characters() -> None:
    name = StemNames({}, is_free=lambda _stem: True).take("é" * 150, Owner("one", 0))
    assert name == "é" * 100


def test_lines_are_appended_to_those_of_earlier_runs(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with FindingsLog(tmp_path / "new" / "out") as log:
            log.append(FindingLine.of(finding(name)))
    lines = (tmp_path / "new" / "out" / "findings.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) == 2 and all(line.endswith(b"}\n") for line in lines)
    with FindingsLog(tmp_path / "new" / "out") as log:
        assert log.outputs == {"a.mask.png", "b.mask.png"}
        assert log.owners == {"a": Owner("a" * 64, 0), "b": Owner("a" * 64, 0)}


def test_a_log_of_no_finding_is_not_left_behind_where_there_was_none(tmp_path: Path) -> None:
    with FindingsLog(tmp_path / "new"):
        assert (tmp_path / "new" / "findings.jsonl").exists()
    assert list((tmp_path / "new").iterdir()) == []
    with FindingsLog(tmp_path / "new") as log:
        log.append(FindingLine.of(finding("a")))
    before = log.path.read_bytes()
    with FindingsLog(tmp_path / "new"):
        pass
    assert log.path.read_bytes() == before


def test_an_empty_log_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / "findings.jsonl").touch()
    with FindingsLog(tmp_path):
        pass
    assert (tmp_path / "findings.jsonl").exists()


def test_a_log_that_vanishes_before_it_is_locked_is_another_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock_too_late(_file: object) -> bool:
        (tmp_path / "findings.jsonl").unlink()
        return True

    monkeypatch.setattr(findings_log, "lock_exclusively", lock_too_late)
    with pytest.raises(OutputError, match="Another run"):
        FindingsLog(tmp_path)


@pytest.mark.parametrize("cut", [1, 5, 40, 400])
def test_a_line_that_a_crash_cut_short_is_removed(tmp_path: Path, cut: int) -> None:
    whole = finding("a").to_json().encode() + b"\n"
    (tmp_path / "findings.jsonl").write_bytes(whole + whole[:cut])
    with FindingsLog(tmp_path) as log:
        log.append(FindingLine.of(finding("b")))
    lines = (tmp_path / "findings.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["outputs"]["mask"]["name"] for line in lines] == ["a.mask.png", "b.mask.png"]


def test_what_a_killed_run_had_staged_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".0123456789abcdef.part").write_bytes(b"half a mask")
    with FindingsLog(tmp_path) as log:
        assert [path.name for path in tmp_path.iterdir()] == ["findings.jsonl"]
        (tmp_path / ".fedcba9876543210.part").write_bytes(b"being written")
        with pytest.raises(OutputError, match="Another run"):
            FindingsLog(tmp_path)
        assert (tmp_path / ".fedcba9876543210.part").exists()
        log.append(FindingLine.of(finding("a")))


@pytest.mark.parametrize("content", [b"notes\n", b"notes", b'{"other": 1}\n', b"[]\n", b"\xff\xfe\n"])
def test_a_file_of_somebody_else_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "findings.jsonl").write_bytes(content)
    with pytest.raises(OutputError, match="did not write"):
        FindingsLog(tmp_path)
    assert (tmp_path / "findings.jsonl").read_bytes() == content


def test_a_line_that_the_disk_refused_leaves_no_part_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with FindingsLog(tmp_path) as log:
        log.append(FindingLine.of(finding("a")))
        before = log.path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(findings_log.os, "fsync", no_space)
            with pytest.raises(OutputExhausted):
                log.append(FindingLine.of(finding("b")))
        assert log.path.read_bytes() == before
        log.append(FindingLine.of(finding("c")))
    assert len((tmp_path / "findings.jsonl").read_text().splitlines()) == 2


def test_a_full_disk_ends_the_run_with_a_sentence(
    decoder: Any, localizer: Any, make_image: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forensic_gui.services import artifacts
    from forensic_gui.services.analyze import AnalyzeRequest, analyze

    for index in range(6):
        make_image(tmp_path / "in" / f"{index}.png", seed=index)
    original = artifacts.StagedFile.write

    def write(self: artifacts.StagedFile, data: bytes) -> None:
        if self.path.name == "2.heatmap.png":
            raise OutputExhausted(f"{self.path} could not be written (No space left on device): free space.")
        original(self, data)

    monkeypatch.setattr(artifacts.StagedFile, "write", write)
    summary = analyze(AnalyzeRequest((tmp_path / "in",), tmp_path / "out"), decoder=decoder, localizer=localizer)
    assert summary.analyzed == 2 and summary.stopped is not None and "No space left" in summary.stopped
    assert [failure.path.name for failure in summary.failures] == ["2.png"]
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == [
        "0.heatmap.png",
        "0.mask.png",
        "0.overlay.jpg",
        "1.heatmap.png",
        "1.mask.png",
        "1.overlay.jpg",
        "findings.jsonl",
    ]


def test_a_finding_that_cannot_be_recorded_takes_its_files_with_it(
    decoder: Any, localizer: Any, make_image: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forensic_gui.services.analyze import AnalyzeRequest, analyze

    def refuse(_self: FindingsLog, _line: FindingLine) -> None:
        raise OutputExhausted("findings.jsonl could not be written (No space left on device).")

    monkeypatch.setattr(FindingsLog, "append", refuse)
    make_image(tmp_path / "in" / "a.png")
    summary = analyze(AnalyzeRequest((tmp_path / "in",), tmp_path / "out"), decoder=decoder, localizer=localizer)
    assert summary.analyzed == 0 and summary.stopped
    assert list((tmp_path / "out").iterdir()) == []


def test_a_finding_that_cannot_be_written_as_json_leaves_the_folder_as_it_was(
    decoder: Any, localizer: Any, make_image: Any, tmp_path: Path
) -> None:
    from dataclasses import replace

    from forensic_gui.services.analyze import AnalyzeRequest, analyze

    localizer.info = replace(localizer.info, parameters={"scale": float("nan")})
    make_image(tmp_path / "in" / "a.png")
    with pytest.raises(ValueError, match="JSON"):
        analyze(AnalyzeRequest((tmp_path / "in",), tmp_path / "out"), decoder=decoder, localizer=localizer)
    assert list((tmp_path / "out").iterdir()) == []

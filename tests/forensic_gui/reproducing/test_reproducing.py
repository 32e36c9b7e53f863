"""Findings that are repeated: what is the same is said to be, what differs is named, and nothing else is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.record import ItemFacts, ModelMask
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.recording import describe_environment
from forensic_gui.services.reproducing.originals import Originals
from forensic_gui.services.reproducing.recorded import Subject
from forensic_gui.services.reproducing.reproduce import Outcome, Reproducer
from forensic_gui.services.reproducing.tolerances import TOLERANCES, Circumstance, tolerance_for
from tests.forensic_gui.reproducing.made_findings import (
    MadeDecoder,
    MadeLocalizer,
    OneLocalizer,
    changed,
    repeat,
)


def test_the_same_bytes_are_the_same_bytes(subject: Subject, reported: Subject, photograph: Path) -> None:
    for each in (subject, reported):
        result = repeat(each, photograph.parent)
        assert result.outcome is Outcome.IDENTICAL
        assert result.is_good
        assert result.differing == ()
        assert result.comparison is not None
        assert (result.comparison.max_score, result.comparison.iou) == (0.0, 1.0)


def test_a_case_compares_the_whole_heatmap_and_a_report_the_coarse_one(
    subject: Subject, reported: Subject, photograph: Path
) -> None:
    near = MadeLocalizer(off_by=4e-6)
    whole, coarse = (repeat(each, photograph.parent, near).comparison for each in (subject, reported))
    assert whole is not None
    assert coarse is not None
    assert (whole.compared, coarse.compared) == ("whole heatmap", "coarse heatmap")
    assert whole.max_score == pytest.approx(4e-6, rel=0.05)
    assert coarse.max_score == pytest.approx(4e-6, abs=1 / 65535)


@pytest.mark.parametrize(
    ("off_by", "outcome"), [(4e-6, Outcome.WITHIN), (1e-4, Outcome.DIFFERENT), (0.5, Outcome.DIFFERENT)]
)
def test_differences_are_held_against_the_tolerance(
    subject: Subject, photograph: Path, off_by: float, outcome: Outcome
) -> None:
    result = repeat(subject, photograph.parent, MadeLocalizer(off_by=off_by))
    assert result.outcome is outcome
    assert result.is_good is (outcome is Outcome.WITHIN)
    assert "does not record the processor" in result.differing[0]


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"device": "cuda:0 (NVIDIA H100)"}, Circumstance.DEVICE, "device: cuda:0 (NVIDIA H100) then, cpu now"),
        ({"runtime": "torch 2.13.0"}, Circumstance.RUNTIME, "runtime: torch 2.13.0 then"),
        ({"runtime": "openvino 2025.3.0"}, Circumstance.VERSIONS, "runtime: openvino 2025.3.0 then"),
        ({"parameters": {"threads": 2, "dtype": "float32"}}, Circumstance.THREADS, "threads: 2 then, 1 now"),
        ({"parameters": {"threads": 1, "dtype": "float16"}}, Circumstance.PARAMETERS, "dtype: float16 then"),
        ({"environment": {}}, Circumstance.VERSIONS, "numpy: not stated then"),
        ({"tool_version": "0.0.9"}, Circumstance.VERSIONS, "forensic-gui: 0.0.9 then"),
        ({"decoder_version": "12.0"}, Circumstance.VERSIONS, "decoder_version: 12.0 then, 13.0.0 now"),
        ({"decoder": "LibRaw (rawpy)"}, Circumstance.DECODER, "decoder: LibRaw (rawpy) then, Pillow now"),
        ({"mode": "CMYK"}, Circumstance.DECODER, "mode: CMYK then, RGB now"),
    ],
)
def test_what_differs_in_the_making_is_named_and_chooses_the_tolerance(
    subject: Subject, photograph: Path, changes: dict[str, Any], kind: Circumstance, said: str
) -> None:
    result = repeat(changed(subject, **changes), photograph.parent)
    assert result.outcome is Outcome.IDENTICAL
    assert said in " ".join(result.differing)
    assert result.tolerance == tolerance_for([kind])


def test_another_opencv_counts_where_repeats_are_looked_for(subject: Subject, photograph: Path) -> None:
    other = {**describe_environment(), "opencv": "4.12.0"}
    student = repeat(changed(subject, environment=other, views="thorough"), photograph.parent)
    joint = repeat(
        changed(subject, environment=other, views="thorough", architecture="boxprompt-joint"), photograph.parent
    )
    assert student.tolerance == TOLERANCES[Circumstance.VERSIONS]
    assert joint.tolerance == TOLERANCES[Circumstance.OPENCV]


def test_heatmaps_of_another_size_are_different(subject: Subject, reported: Subject, photograph: Path) -> None:
    assert subject.grid is not None
    smaller = replace(subject, grid=np.ascontiguousarray(subject.grid[:-1]))
    assert repeat(smaller, photograph.parent).outcome is Outcome.DIFFERENT
    assert reported.facts is not None
    assert reported.facts.mask is not None
    mask = replace(reported.facts.mask, heatmap_grid=(9, 9), heatmap_sha256="0" * 64)
    other = replace(reported, facts=replace(reported.facts, mask=mask))
    assert repeat(other, photograph.parent).outcome is Outcome.DIFFERENT


def test_originals_are_found_by_their_bytes_whatever_they_are_called(
    subject: Subject, photograph: Path, tmp_path: Path
) -> None:
    data = photograph.read_bytes()
    deep = tmp_path / "elsewhere" / "deeper"
    deep.mkdir(parents=True)
    decoy = bytearray(data)
    decoy[-1] ^= 1
    (deep / "a decoy of the same size.png").write_bytes(decoy)
    (deep / "renamed.bin").write_bytes(data)
    (deep / "a link").symlink_to(photograph)
    photograph.unlink()
    assert repeat(subject, tmp_path).outcome is Outcome.IDENTICAL
    (deep / "renamed.bin").unlink()
    result = repeat(subject, tmp_path)
    assert result.outcome is Outcome.NOT_REPEATED
    assert "name its folder with --evidence" in result.reason


def test_the_place_it_was_added_from_is_looked_at_last(subject: Subject, photograph: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert repeat(replace(subject, source=str(photograph)), empty).outcome is Outcome.IDENTICAL


@pytest.mark.parametrize("damage", ["altered", "longer", "missing", "unknown"])
def test_a_case_whose_copy_is_not_whole_is_not_repeated_from_a_place_that_nobody_named(
    subject: Subject, photograph: Path, tmp_path: Path, damage: str
) -> None:
    copy = tmp_path / "kept.png"
    data = photograph.read_bytes()
    copy.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if damage == "altered" else data + b"\0")
    if damage == "missing":
        copy.unlink()
    vault = {} if damage == "unknown" else {subject.sha256: copy}
    subject = replace(subject, source=str(photograph))
    said = {"missing": "copy of the original is missing", "unknown": "has no item"}.get(damage, "original is altered")
    result = repeat(subject, None, vault=vault)
    assert (result.outcome, result.is_good, result.original) == (Outcome.NOT_REPEATED, False, None)
    assert said in result.reason
    assert "name it with --evidence" in result.reason

    named = repeat(subject, photograph.parent, vault=vault)
    assert named.outcome is Outcome.IDENTICAL
    assert named.original is not None
    assert named.original.to_record()["origin"] == "evidence"
    assert said in named.original.remark
    assert str(photograph) in named.original.sentence


def test_where_an_original_came_from_is_said(subject: Subject, photograph: Path) -> None:
    moved = replace(subject, source=str(photograph))
    found = {
        "case": repeat(moved, photograph.parent, vault={subject.sha256: photograph}),
        "evidence": repeat(moved, photograph.parent),
        "source": repeat(moved, None),
    }
    for origin, result in found.items():
        assert result.to_record()["original"] == {"origin": origin, "path": str(photograph), "remark": ""}


@pytest.mark.parametrize(
    "source",
    ["//host/share/ramp.png", "\\\\host\\share\\ramp.png", "/\\host/share/ramp.png", "nul\0.png", "/no/such/file"],
)
def test_recorded_places_on_other_computers_are_not_asked(
    subject: Subject, tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Path.lstat

    def watch(path: Path) -> Any:
        asked.append(str(path))
        return real(path)

    monkeypatch.setattr(Path, "lstat", watch)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert repeat(replace(subject, source=source), empty).outcome is Outcome.NOT_REPEATED
    assert not [path for path in asked if "host" in path]


def test_a_decoder_that_makes_another_size_repeats_nothing(subject: Subject, photograph: Path) -> None:
    result = repeat(changed(subject, width=91), photograph.parent)
    assert result.outcome is Outcome.NOT_REPEATED
    assert "it is decoded to" in result.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"width": -1},
        {"views": "all"},
        {"threshold": "high"},
        {"parameters": 7},
        {"scores": {"mean": "x"}},
        {"page": None},
        {"page": -1},
        {"threshold": 10**400},
        {"width": 1e400},
        {"scores": {"mean": 10**400}},
    ],
)
def test_findings_that_are_not_understood_are_not_repeated(
    subject: Subject, photograph: Path, changes: dict[str, Any]
) -> None:
    result = repeat(changed(subject, **changes), photograph.parent)
    assert result.outcome is Outcome.NOT_REPEATED
    assert "not understood" in result.reason
    assert not result.is_good


def test_items_without_finding_are_no_failure(subject: Subject, photograph: Path) -> None:
    result = repeat(replace(subject, finding=None), photograph.parent)
    assert result.outcome is Outcome.NO_FINDING
    assert result.is_good


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda item: {"mask": replace(item.mask, area_px=1)}, "not the 1 that are stated"),
        (lambda item: {"mask": replace(item.mask, threshold=0.7)}, "another threshold"),
        (lambda item: {"mask": replace(item.mask, runs="?")}, "damaged"),
        (lambda item: {"sha256": "f" * 64}, "other bytes than the item"),
        (lambda item: {"regions": (replace(item.regions[0], share=0.9),)}, "area of region r1"),
        (lambda item: {"regions": (replace(item.regions[0], area_px=9),)}, "area of region r1"),
        (lambda item: {"difference": replace(item.difference, iou=0.123)}, "difference of mask and regions"),
    ],
)
def test_numbers_that_do_not_follow_from_the_record_are_said(
    reported: Subject, photograph: Path, alter: Callable[[ItemFacts], dict[str, Any]], said: str
) -> None:
    assert reported.facts is not None
    result = repeat(replace(reported, facts=replace(reported.facts, **alter(reported.facts))), photograph.parent)
    assert said in " ".join(result.false_claims)
    assert not result.is_good


def test_a_stated_share_that_does_not_follow_from_the_mask_is_said(reported: Subject, photograph: Path) -> None:
    result = repeat(changed(reported, share_over_threshold=0.01), photograph.parent)
    assert "share of pixels over the threshold" in result.false_claims[0]


def test_a_mask_that_was_exchanged_is_different_though_the_heatmap_is_the_same(
    reported: Subject, photograph: Path
) -> None:
    assert reported.facts is not None
    assert reported.facts.mask is not None
    runs = reported.facts.regions[0].runs
    other = replace(reported, facts=replace(reported.facts, mask=replace(reported.facts.mask, runs=runs)))
    assert repeat(other, photograph.parent).outcome is Outcome.DIFFERENT


@pytest.mark.parametrize("has_case", [False, True])
@pytest.mark.parametrize("lie", ["coarse heatmap", "a pixel of the mask", "summary"])
@pytest.mark.parametrize("device", ["cpu", "cuda:0 (NVIDIA H100)"])
def test_what_a_report_says_beside_the_same_heatmap_has_to_follow_from_it(
    reported: Subject, subject: Subject, photograph: Path, lie: str, has_case: bool, device: str
) -> None:
    mask = mask_of(reported)
    lines = [list(line) for line in mask.coarse]
    lines[3][3] = 65535
    one_more = Mask.from_text(Size(90, 80), mask.runs) ^ Mask.of(pixel(80, 90))
    lies = {
        "coarse heatmap": replace(mask, coarse=tuple(map(tuple, lines))),
        "a pixel of the mask": replace(mask, runs=one_more.to_text()),
        "summary": mask,
    }
    assert reported.finding is not None
    scores = {**reported.finding["scores"], **({"p99": 0.2} if lie == "summary" else {})}
    other = changed(with_mask(reported, lies[lie]), scores=scores, device=device)
    result = repeat(replace(other, grid=subject.grid if has_case else None), photograph.parent)
    # Elsewhere a pixel at the threshold may fall to the other side; that is said, and not called the same.
    is_rounding = lie == "a pixel of the mask" and device != "cpu"
    assert result.outcome is (Outcome.WITHIN if is_rounding else Outcome.DIFFERENT)
    assert "does not follow from it" in result.differing[-1]


def test_a_heatmap_of_another_hash_than_the_report_states_is_not_called_the_same(
    reported: Subject, subject: Subject, photograph: Path
) -> None:
    other = replace(with_mask(reported, replace(mask_of(reported), heatmap_sha256="0" * 64)), grid=subject.grid)
    assert repeat(other, photograph.parent).outcome is not Outcome.IDENTICAL


def mask_of(reported: Subject) -> ModelMask:
    assert reported.facts is not None
    assert reported.facts.mask is not None
    return reported.facts.mask


def with_mask(reported: Subject, mask: ModelMask) -> Subject:
    assert reported.facts is not None
    return replace(reported, facts=replace(reported.facts, mask=mask))


def pixel(height: int, width: int) -> NDArray[np.bool_]:
    inside = np.zeros((height, width), np.bool_)
    inside[height // 2, width // 2] = True
    return inside


@pytest.mark.parametrize(
    "lies",
    [{"runs": 7}, {"runs": "~" * 40}, {"coarse": ((1, 2), (3,))}, {"coarse": (("a",),)}, {"heatmap_grid": 9}],
)
def test_masks_that_nobody_wrote_are_not_repeated(reported: Subject, photograph: Path, lies: dict[str, Any]) -> None:
    assert reported.facts is not None
    assert reported.facts.mask is not None
    other = replace(reported, facts=replace(reported.facts, mask=replace(reported.facts.mask, **lies)))
    result = repeat(other, photograph.parent)
    assert result.outcome is Outcome.NOT_REPEATED
    assert "the record is damaged" in result.reason


def test_progress_tells_every_item_and_cancelling_stops_between_two(subject: Subject, photograph: Path) -> None:
    told: list[ProgressEvent] = []
    originals = Originals(vault=None, evidence=[photograph.parent], cancel=CancelToken())
    missing = replace(changed(subject, sha256="0" * 64), item_id=2, name="gone.png")
    reproducer = Reproducer(MadeDecoder(), OneLocalizer(MadeLocalizer()), originals, CancelToken())
    reproducer.reproduce([subject, missing], progress=told.append)
    assert [(event.kind, event.item, event.failed) for event in told] == [
        ("started", "ramp.png", 0),
        ("finished", "ramp.png", 0),
        ("started", "gone.png", 0),
        ("failed", "gone.png", 1),
    ]


def test_every_circumstance_has_a_tolerance_with_its_source(checkout: Path) -> None:
    assert set(TOLERANCES) == set(Circumstance)
    for tolerance in TOLERANCES.values():
        assert 0 < tolerance.mean_score <= tolerance.max_score < 0.5
        assert 0.9 < tolerance.iou < 1
        assert dataclasses.is_dataclass(tolerance)
        if tolerance.is_measured:
            assert (checkout / tolerance.source).is_file()
        else:
            assert "not measured" in tolerance.source


def test_the_widest_tolerance_of_what_differs_counts() -> None:
    assert tolerance_for([]) == TOLERANCES[Circumstance.NOTHING]
    assert tolerance_for([Circumstance.THREADS, Circumstance.RUNTIME]) == TOLERANCES[Circumstance.RUNTIME]
    every = tolerance_for(list(Circumstance))
    assert every.max_score == max(each.max_score for each in TOLERANCES.values())
    assert every.iou == min(each.iou for each in TOLERANCES.values())
    assert not every.is_measured
    assert TOLERANCES[Circumstance.DEVICE].source in every.source

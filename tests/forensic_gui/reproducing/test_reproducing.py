"""Findings that are repeated: what is the same is said to be, what differs is named, and nothing else is."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.errors import DeviceUnavailable, RequestError, WeightsError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.finding import Finding
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.domain.reports.record import ItemFacts, RegionFacts
from forensic_gui.services import rendering
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.services.progress import CancelToken, ProgressEvent
from forensic_gui.services.recording import Measured, describe_environment, make_finding
from forensic_gui.services.reporting.maps import difference_of, mask_over, record_of_mask
from forensic_gui.services.reproducing.originals import Originals
from forensic_gui.services.reproducing.recorded import Subject
from forensic_gui.services.reproducing.reproduce import ItemReproduction, Outcome, Reproducer
from forensic_gui.services.reproducing.shelf import WeightsByHash
from forensic_gui.services.reproducing.tolerances import TOLERANCES, Circumstance, tolerance_for
from tests.forensic_gui.report.made_records import made_item

THRESHOLD = 0.5
INFO = LocalizerInfo(
    weights_id="made",
    weights_sha256="a" * 64,
    architecture="boxprompt-student",
    threshold=THRESHOLD,
    device="cpu",
    runtime="openvino 2026.4.1",
    parameters={"threads": 1, "dtype": "float32"},
)


class MadeLocalizer:
    """Scores that are brightness, plus what a test wants to differ."""

    def __init__(self, info: LocalizerInfo = INFO, *, off_by: float = 0.0) -> None:
        self.info = info
        self._off_by = off_by

    def localize(self, pixels: NDArray[np.uint8], *, orientation: Orientation = Orientation.UPRIGHT, **_: Any) -> Any:
        small = cv2.resize(pixels[:, :, 0].astype(np.float32) / 255, (40, 36), interpolation=cv2.INTER_AREA)
        grid = np.clip(small + np.float32(self._off_by), 0, 1)
        return Localization(heatmap=Heatmap(grid, Size.of(pixels)))


class MadeDecoder:
    """Pillow, in this process."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def decode(self, path: Path, **_: Any) -> DecodedEvidence:
        data = path.read_bytes()
        pixels = np.asarray(Image.open(path).convert("RGB"))
        facts = DecodeFacts("PNG", "Pillow", "13.0.0", Size.of(pixels), Orientation.UPRIGHT, "RGB", 8)
        evidence = Evidence(path, hashlib.sha256(data).hexdigest(), len(data), "2026-01-01T00:00:00+00:00")
        return DecodedEvidence(evidence, replace(facts, **self._changes), pixels, 0.0, 0.0)

    def close(self) -> None:
        """Nothing is open."""


class OneLocalizer(WeightsByHash):
    """Weights that are always there."""

    def __init__(self, localizer: MadeLocalizer) -> None:
        self._one = localizer

    def localizer(self, recorded: Any) -> Any:
        return self._one


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    shades = np.linspace(0, 255, 90 * 80).reshape(80, 90).astype(np.uint8)
    path = tmp_path / "evidence" / "ramp.png"
    path.parent.mkdir()
    Image.fromarray(np.repeat(shades[:, :, None], 3, axis=2)).save(path)
    return path


@pytest.fixture
def first(photograph: Path) -> tuple[Finding, Heatmap]:
    """A finding of the photograph."""
    decoded = MadeDecoder().decode(photograph)
    heatmap = MadeLocalizer().localize(decoded.pixels).heatmap
    scores, share = rendering.summarize(heatmap, threshold=THRESHOLD)
    measured = Measured(scores, share, 0, {})
    environment = describe_environment()
    made = make_finding(decoded, measured, localizer=INFO, views=Views.FAST, threshold=None, environment=environment)
    return made, heatmap


@pytest.fixture
def subject(first: tuple[Finding, Heatmap]) -> Subject:
    """The finding as a case has it."""
    finding, heatmap = first
    return Subject(1, "ramp.png", finding.evidence.sha256, "", finding.to_record(), grid=heatmap.grid)


@pytest.fixture
def reported(first: tuple[Finding, Heatmap]) -> Subject:
    """The finding as a report has it."""
    finding, heatmap = first
    mask, model = record_of_mask(heatmap, threshold=THRESHOLD)
    drawn = mask_over(heatmap, threshold=0.8)
    region = RegionFacts("r1", drawn.area, drawn.area / heatmap.size.pixels, drawn.to_text(), "", {})
    item = made_item(
        sha256=finding.evidence.sha256,
        finding=finding.to_record(),
        mask=mask,
        regions=(region,),
        difference=difference_of(model, drawn),
    )
    return Subject(1, "ramp.png", finding.evidence.sha256, "", item.finding, facts=item)


def repeat(
    subject: Subject, folder: Path, localizer: MadeLocalizer | None = None, decoder: MadeDecoder | None = None
) -> ItemReproduction:
    originals = Originals(vault={}, evidence=[folder], cancel=CancelToken())
    weights = OneLocalizer(localizer or MadeLocalizer())
    (result,) = Reproducer(decoder or MadeDecoder(), weights, originals, CancelToken()).reproduce([subject])
    return result


def changed(subject: Subject, **changes: Any) -> Subject:
    assert subject.finding is not None
    return replace(subject, finding={**subject.finding, **changes})


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


@pytest.mark.parametrize("source", ["//host/share/ramp.png", "\\\\host\\share\\ramp.png", "nul\0.png", "/no/such/file"])
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


def test_progress_tells_every_item_and_cancelling_stops_between_two(subject: Subject, photograph: Path) -> None:
    told: list[ProgressEvent] = []
    originals = Originals(vault={}, evidence=[photograph.parent], cancel=CancelToken())
    missing = replace(changed(subject, sha256="0" * 64), item_id=2, name="gone.png")
    reproducer = Reproducer(MadeDecoder(), OneLocalizer(MadeLocalizer()), originals, CancelToken())
    reproducer.reproduce([subject, missing], progress=told.append)
    assert [(event.kind, event.item, event.failed) for event in told] == [
        ("started", "ramp.png", 0),
        ("finished", "ramp.png", 0),
        ("started", "gone.png", 0),
        ("failed", "gone.png", 1),
    ]


def test_weights_of_another_hash_are_named_and_not_run(
    subject: Subject, photograph: Path, untrained_weights: Path
) -> None:
    def never(**_: Any) -> Any:
        raise AssertionError("weights of another hash were run")

    shelf = WeightsByHash(never, folders=[untrained_weights.parent])
    originals = Originals(vault={}, evidence=[photograph.parent], cancel=CancelToken())
    (result,) = Reproducer(MadeDecoder(), shelf, originals, CancelToken()).reproduce(
        [changed(subject, weights_id="untrained")]
    )
    assert result.outcome is Outcome.NOT_REPEATED
    assert "were not run" in result.reason


def test_weights_are_loaded_as_they_ran_then_and_elsewhere_as_they_can(
    subject: Subject, photograph: Path, untrained_weights: Path
) -> None:
    digest = hashlib.sha256(untrained_weights.read_bytes()).hexdigest()
    tried: list[tuple[str, str, int | None]] = []

    def load(*, weights: str, device: str, runtime: str, threads: int | None) -> Any:
        tried.append((device, runtime, threads))
        if device == "cuda":
            raise DeviceUnavailable("none here")
        return MadeLocalizer()

    shelf = WeightsByHash(load, folders=[untrained_weights.parent])
    originals = Originals(vault={}, evidence=[photograph.parent], cancel=CancelToken())
    wanted = changed(subject, weights_sha256=digest, device="cuda:0 (NVIDIA H100)", runtime="torch 2.13.0")
    (result,) = Reproducer(MadeDecoder(), shelf, originals, CancelToken()).reproduce([wanted])
    assert tried == [("cuda", "torch", 1), ("cuda", "auto", 1), ("auto", "auto", 1)]
    assert result.tolerance is not None
    assert result.tolerance.max_score == TOLERANCES[Circumstance.DEVICE].max_score
    assert not result.tolerance.is_measured


def test_a_device_that_was_asked_for_is_not_replaced(subject: Subject, untrained_weights: Path) -> None:
    from forensic_gui.services.reproducing.recorded import Recorded

    def load(**_: Any) -> Any:
        raise DeviceUnavailable("none here")

    digest = hashlib.sha256(untrained_weights.read_bytes()).hexdigest()
    shelf = WeightsByHash(load, folders=[untrained_weights.parent], device="cuda")
    assert subject.finding is not None
    recorded = Recorded.of_finding({**subject.finding, "weights_sha256": digest}, keys=())
    with pytest.raises(DeviceUnavailable):
        shelf.localizer(recorded)


def test_altered_weights_are_not_run(subject: Subject, untrained_weights: Path, tmp_path: Path) -> None:
    from forensic_gui.services.reproducing.recorded import Recorded

    data = bytearray(untrained_weights.read_bytes())
    digest = hashlib.sha256(data).hexdigest()
    data[-1] ^= 1
    (tmp_path / "untrained.safetensors").write_bytes(data)
    (tmp_path / "untrained.json").write_bytes(untrained_weights.with_suffix(".json").read_bytes())

    def never(**_: Any) -> Any:
        raise RequestError("altered weights were run")

    assert subject.finding is not None
    recorded = Recorded.of_finding({**subject.finding, "weights_sha256": digest}, keys=())
    with pytest.raises(WeightsError):
        WeightsByHash(never, folders=[tmp_path]).localizer(recorded)


def test_threads_that_no_computer_has_are_not_asked_for(subject: Subject) -> None:
    from forensic_gui.services.reproducing.recorded import Recorded

    for stated, used in ((2, 2), (0, None), (-3, None), (10**9, None), ("4", None), (None, None)):
        finding = {**(subject.finding or {}), "parameters": {"threads": stated}}
        assert Recorded.of_finding(finding, keys=()).threads == used


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

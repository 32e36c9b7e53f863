"""Weights of findings: by their hash alone, as they ran then where this computer can."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from forensic_gui.domain.errors import DeviceUnavailable, RequestError, WeightsError
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reproducing.originals import Originals
from forensic_gui.services.reproducing.recorded import Subject
from forensic_gui.services.reproducing.reproduce import Outcome, Reproducer
from forensic_gui.services.reproducing.shelf import WeightsByHash
from forensic_gui.services.reproducing.tolerances import TOLERANCES, Circumstance
from tests.forensic_gui.reproducing.made_findings import (
    MadeDecoder,
    MadeLocalizer,
    changed,
)


def test_weights_of_another_hash_are_named_and_not_run(
    subject: Subject, photograph: Path, untrained_weights: Path
) -> None:
    def never(**_: Any) -> Any:
        raise AssertionError("weights of another hash were run")

    shelf = WeightsByHash(never, folders=[untrained_weights.parent])
    originals = Originals(vault=None, evidence=[photograph.parent], cancel=CancelToken())
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
    originals = Originals(vault=None, evidence=[photograph.parent], cancel=CancelToken())
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

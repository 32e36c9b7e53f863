"""Made localizers and decoders, whose findings are repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.ports import LocalizerInfo
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reproducing.originals import Originals
from forensic_gui.services.reproducing.recorded import Subject
from forensic_gui.services.reproducing.reproduce import ItemReproduction, Reproducer
from forensic_gui.services.reproducing.shelf import WeightsByHash

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


def repeat(
    subject: Subject,
    folder: Path | None,
    localizer: MadeLocalizer | None = None,
    decoder: MadeDecoder | None = None,
    *,
    vault: Mapping[str, Path] | None = None,
) -> ItemReproduction:
    originals = Originals(vault=vault, evidence=[] if folder is None else [folder], cancel=CancelToken())
    weights = OneLocalizer(localizer or MadeLocalizer())
    (result,) = Reproducer(decoder or MadeDecoder(), weights, originals, CancelToken()).reproduce([subject])
    return result


def changed(subject: Subject, **changes: Any) -> Subject:
    assert subject.finding is not None
    return replace(subject, finding={**subject.finding, **changes})

"""What services need of the world, as protocols; bootstrap.py supplies the real ones, tests supply fakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.evidence import DecodedEvidence
from forensic_gui.domain.geometry import Orientation
from forensic_gui.domain.heatmap import Localization
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts
from forensic_gui.domain.suitability import TrainingDomain
from forensic_gui.services.progress import CancelToken


class Views(StrEnum):
    """Which views of the evidence the localizer looks at."""

    FAST = "fast"  # the whole image at the student's input side, as the paper has it
    THOROUGH = "thorough"  # all that the weights can see at native resolution: traces and repeats, or tiles


class Decoder(Protocol):
    """Turns an evidence file into pixels, out of this process, within limits."""

    def decode(
        self,
        path: Path,
        *,
        page: int = 0,
        max_side_px: int | None = None,
        cancel: CancelToken | None = None,
    ) -> DecodedEvidence:
        """Hash the bytes of `path`, then decode them to RGB.

        Args:
            path: evidence file; opened read-only, never followed through a symlink, regular files only.
            page: page or frame of a multi-page file, from 0.
            max_side_px: for thumbnails, a reduced decode whose longer side is at most this.
            cancel: looked at while waiting; a cancelled decode kills and restarts the child.

        Raises:
            EvidenceError: one of its kinds, with a sentence.
            Cancelled: stopping was asked for.
        """
        ...

    def close(self) -> None:
        """Stop the child process. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class LocalizerInfo:
    """Which localizer ran, on what: recorded with every finding.

    Attributes:
        weights_id: id on the weights' card.
        weights_sha256: SHA-256 of the weights file, verified before it was loaded.
        architecture: name of the network, as "boxprompt-student".
        threshold: the card's threshold on model scores, strict greater-than.
        device: "cpu", "cuda:0 (NVIDIA ...)" or "mps".
        runtime: as "torch 2.13.0".
        parameters: everything else that determines the numbers: input side, resize filter, normalisation,
            tiling, dtype, threads.
        view_thresholds: by view, thresholds in place of `threshold`.
        calibrations: by view, how its scores read as shares of manipulated pixels; views without one are not
            calibrated.
        domain: which images the weights were trained on; None where their card does not say.
        network_sha256: over everything on the card that scores depend on, the weights' hash included; a calibration
            belongs to it.
    """

    weights_id: str
    weights_sha256: str
    architecture: str
    threshold: float
    device: str
    runtime: str
    parameters: Mapping[str, str | int | float | bool]
    view_thresholds: Mapping[str, float] = field(default_factory=dict)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    domain: TrainingDomain | None = None
    network_sha256: str = ""

    def threshold_of(self, views: Views) -> float:
        """The card's threshold on model scores of a view, strict greater-than."""
        return self.view_thresholds.get(views.value, self.threshold)

    def calibration_of(self, views: Views) -> Calibration | None:
        """The calibration of a view; None where it has none."""
        return self.calibrations.get(views.value)


class Localizer(Protocol):
    """Maps an image to a heatmap of model scores. Deterministic on one device."""

    @property
    def info(self) -> LocalizerInfo:
        """Which localizer this is."""
        ...

    def localize(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        views: Views = Views.THOROUGH,
        inspect: bool = False,
        cancel: CancelToken | None = None,
    ) -> Localization:
        """Localize manipulation.

        Args:
            pixels: uint8 (H, W, 3) RGB, stored orientation.
            orientation: EXIF orientation; the network sees the upright view, results are in stored orientation.
            views: fast or thorough.
            inspect: also return gate map and memory response.
            cancel: looked at between forward passes, and within a search for repeats.
        """
        ...


class LoadLocalizer(Protocol):
    """Loads a localizer: slow (imports torch, reads weights), so never on a GUI thread."""

    def __call__(self, *, weights: str | None = None, device: str = "auto") -> Localizer:
        """Load weights by id or file path (None: the default) onto a device.

        Raises:
            WeightsError: unknown, altered or unfit weights.
            DeviceUnavailable: the device is not on this machine.
        """
        ...


@dataclass(frozen=True, slots=True)
class SegmenterInfo:
    """Which segmenter made a mask, on what: recorded with every region.

    Attributes:
        id: "grabcut", "mobile-sam", "sam-vit-b", "sam-vit-l" or "sam-vit-h".
        name: what people call it, as "SAM ViT-B" or "GrabCut (no SAM)".
        weights_sha256: SHA-256 of the checkpoint, verified before it was loaded; "" for one without weights.
        device: "cpu", "cuda:0 (NVIDIA ...)" or "mps".
        runtime: as "torch 2.13.0" or "OpenCV 5.0.0".
        parameters: everything else that determines the masks: input side, dtype, iterations.
        notices: sentences the user must be told, as that the device was left for the CPU.
        quick: whether a decode is fast enough to follow the hand.
        keeps_encodings: whether what it encodes is found again on the disk, so that encoding ahead is never in vain.
    """

    id: str
    name: str
    weights_sha256: str
    device: str
    runtime: str
    parameters: Mapping[str, str | int | float | bool]
    notices: tuple[str, ...] = ()
    quick: bool = True
    keeps_encodings: bool = False


class Encoded(Protocol):
    """What a segmenter knows of one image before any prompt; used with the segmenter that made it."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """A segmenter's answer to prompts.

    Attributes:
        mask: pixels of the region, stored orientation, of the evidence's size.
        quality: the segmenter's own estimate of the mask's IoU, in [0, 1]; None where it has none.
        seconds: wall time of the decode.
    """

    mask: Mask
    quality: float | None
    seconds: float


class Segmenter(Protocol):
    """Makes masks of prompts: encodes an image once, then answers every prompt quickly. Safe to call from threads."""

    @property
    def info(self) -> SegmenterInfo:
        """Which segmenter this is. May change (notices, device) after an encode that had to leave a device."""
        ...

    def encode(
        self,
        pixels: NDArray[np.uint8],
        *,
        orientation: Orientation = Orientation.UPRIGHT,
        cancel: CancelToken | None = None,
    ) -> Encoded:
        """Look at an image; slow for SAM on a CPU, from disk where this image was encoded before.

        Args:
            pixels: uint8 (H, W, 3) RGB, stored orientation.
            orientation: EXIF orientation; the network sees the upright view.
            cancel: looked at between steps.

        Raises:
            SegmenterError: the image cannot be encoded.
            Cancelled: stopping was asked for.
        """
        ...

    def decode(self, encoded: Encoded, prompts: Prompts, *, cancel: CancelToken | None = None) -> Segmentation:
        """Answer prompts (evidence pixels, stored orientation).

        Raises:
            SegmenterError: the prompts are empty, or of a kind that this segmenter cannot use.
            Cancelled: stopping was asked for.
        """
        ...


class LoadSegmenter(Protocol):
    """Loads a segmenter: seconds for SAM, so never on a GUI thread."""

    def __call__(self, *, segmenter: str | None = None, device: str = "auto") -> Segmenter:
        """Load a segmenter by id (None: the best one installed, GrabCut where none is).

        Raises:
            SegmenterError: unknown, not installed, altered or unfit.
            DeviceUnavailable: the device is not on this machine.
        """
        ...

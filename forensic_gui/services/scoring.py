"""What evaluations ask of the library: scores of localizers on images with known masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from forensic_gui.services.ports import Views
from forensic_gui.services.progress import CancelToken


class F1Variant(StrEnum):
    """IMDL-BenCo's definitions of pixel F1."""

    ORIGIN = "origin"  # the protocol's own
    REVERSE = "reverse"  # of the inverted prediction
    DOUBLE = "double"  # the larger of the two


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """What to measure on a dataset.

    Attributes:
        limit: at most so many images, spread evenly; None: all.
        baselines: also score the trivial baselines, at 0.5.
        predictions: folders of score maps that other tools made, by the tool's name.
        robustness: also score every image under the robustness grid.
        variants: definitions of F1 in columns of their own.
        calibrate: also fit a calibration to the localizer's scores.
    """

    limit: int | None = None
    baselines: bool = False
    predictions: Mapping[str, Path] = field(default_factory=dict)
    robustness: bool = False
    variants: tuple[F1Variant, ...] = ()
    calibrate: bool = False


@dataclass(frozen=True, slots=True)
class ScoredLocalizer:
    """A localizer, as the library takes it.

    Attributes:
        name: in rows and tables.
        localize: uint8 (H, W, 3) RGB to float32 (H, W) in [0, 1].
        threshold: on model scores, strict greater-than.
        weights_sha256: hash of its weights, whose id is its name.
        network_sha256: of all that gives the scores, the card's configuration included.
        view: which view of an image it looks at.
    """

    name: str
    localize: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
    threshold: float
    weights_sha256: str
    network_sha256: str
    view: Views


class FailedImage(Protocol):
    """An image that could not be measured."""

    @property
    def image(self) -> str:
        """Its file name."""
        ...

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        ...


class FolderScores(Protocol):
    """Scores of several localizers on the same images."""

    @property
    def failed(self) -> Sequence[FailedImage]:
        """Images that could not be measured, each named once."""
        ...

    def scores_as_json(self) -> list[dict[str, Any]]:
        """One object a localizer; absent figures are None, no number is NaN."""
        ...

    def calibration_as_json(self) -> Mapping[str, Any] | None:
        """A calibration of the localizer, as `weights calibrate` reads it; None where the plan asked for none."""
        ...

    def rows(self) -> Iterable[Mapping[str, str | float | None]]:
        """Measurements by column name, one image, condition and localizer at a time; all have the same columns."""
        ...

    def markdown(self, *, calibration: bool = False) -> str:
        """The scores as Markdown tables, on request with calibration curves."""
        ...


class OnImage(Protocol):
    """Told of every image finished."""

    def __call__(self, *, done: int, total: int, item: str, failure: str) -> None:
        """Take note of image `done` of `total`; `failure` is a sentence, or empty."""
        ...


class ScoreFolder(Protocol):
    """Scores a localizer, and whatever else a plan says, on images with known masks."""

    def __call__(
        self,
        dataset: Path,
        *,
        localizer: ScoredLocalizer,
        plan: ScoringPlan,
        read: Callable[[Path], NDArray[np.uint8]],
        on_image: OnImage,
        cancel: CancelToken,
    ) -> FolderScores:
        """Measure.

        Args:
            dataset: folder with Tp/, Gt/ and perhaps Au/, or a JSON list of images and masks.
            localizer: what is scored first.
            plan: what else.
            read: decodes an image; an `EvidenceError` of it makes that image a failed one.
            on_image: told of every finished image.
            cancel: looked at before every image.

        Raises:
            RequestError: it is no such dataset, score maps are missing or damaged, two localizers have one name, or
                no calibration can be fitted to these images.
            Cancelled: stopping was asked for.
        """
        ...

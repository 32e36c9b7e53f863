"""What is evaluated: a localizer that runs here, or score maps that another tool left in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from boxprompt.contracts import RgbImage, ScoreMap
from boxprompt.data.datasets import DatasetItem
from boxprompt.evaluation.baselines import BASELINES, Localize
from boxprompt.evaluation.predictions import FolderPredictions
from boxprompt.evaluation.records import PredictionFacts

HALF = 0.5


class Scored(Protocol):
    """Anything that has a score map for each image of a dataset."""

    @property
    def name(self) -> str:
        """In rows and tables, as the id of weights."""
        ...

    @property
    def threshold(self) -> float:
        """On model scores, strict greater-than."""
        ...

    @property
    def predictions(self) -> PredictionFacts | None:
        """Where its maps come from, if they were made elsewhere."""
        ...

    def score(self, item: DatasetItem, image: RgbImage) -> ScoreMap:
        """Scores of an image: float32 (H, W) in [0, 1] for uint8 (H, W, 3) RGB."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A localizer to be evaluated.

    Attributes:
        name: in rows and tables, as the id of its weights.
        localize: maps uint8 (H, W, 3) RGB to float32 (H, W) in [0, 1], the same size.
        threshold: on model scores, strict greater-than.
    """

    name: str
    localize: Localize
    threshold: float = HALF

    @property
    def predictions(self) -> None:
        """None: its maps are made here."""
        return

    def score(self, item: DatasetItem, image: RgbImage) -> ScoreMap:  # noqa: ARG002 - pixels are all it sees
        """Scores of an image: float32 (H, W) in [0, 1] for uint8 (H, W, 3) RGB."""
        return self.localize(image)


@dataclass(frozen=True, slots=True)
class PredictedSubject:
    """Another tool, by the score maps it left in a folder.

    Attributes:
        name: in rows and tables.
        maps: its score maps.
        threshold: on its scores, strict greater-than.
    """

    name: str
    maps: FolderPredictions
    threshold: float = HALF

    @property
    def predictions(self) -> PredictionFacts:
        """Which files they are."""
        return self.maps.facts

    def score(self, item: DatasetItem, image: RgbImage) -> ScoreMap:
        """Its score map of an image, at the image's size: float32 (H, W) in [0, 1]."""
        rows, columns = image.shape[:2]
        return self.maps.read(item, shape=(rows, columns))


def baseline_subjects() -> tuple[Subject, ...]:
    """The trivial baselines, each at a threshold of 0.5."""
    return tuple(Subject(name=name, localize=localize) for name, localize in BASELINES.items())

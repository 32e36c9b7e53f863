"""Error rates by condition, from what an evaluation under degradations wrote: a short record, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Interval = tuple[float, float, float]
"""Value, lower and upper end of its 95 % interval."""

HEADER = (
    "condition",
    "pixels of untouched images flagged",
    "untouched images with any pixel flagged",
    "untouched images with 1 % or more flagged",
    "manipulated pixels missed",
    "F1",
)


@dataclass(frozen=True, slots=True)
class ConditionRates:
    """What goes wrong under one condition, at the weights' threshold.

    Attributes:
        condition: as "undegraded" or "jpeg 70".
        untouched_pixels: share of pixels of untouched images that are flagged; None without untouched images.
        untouched_images: share of untouched images with any pixel flagged; None likewise.
        untouched_images_over_one_percent: share of them with at least one pixel in a hundred flagged; None likewise.
        missed: share of manipulated pixels that are not flagged, by image.
        f1: pixel F1 by image.
    """

    condition: str
    untouched_pixels: Interval | None
    untouched_images: Interval | None
    untouched_images_over_one_percent: Interval | None
    missed: Interval | None
    f1: Interval | None


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Error rates of one view of some weights.

    Attributes:
        weights_id: id of the weights.
        weights_sha256: their hash.
        view: "fast" or "thorough".
        threshold: on model scores, strict greater-than.
        dataset: name of the images.
        dataset_sha256: their fingerprint.
        manipulated_images: how many are manipulated.
        untouched_images: how many are not.
        conditions: the undegraded images first.
    """

    weights_id: str
    weights_sha256: str
    view: str
    threshold: float
    dataset: str
    dataset_sha256: str
    manipulated_images: int
    untouched_images: int
    conditions: tuple[ConditionRates, ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> ErrorRates:
        """Take them out of what `forensic-gui evaluate --robustness` wrote.

        Raises:
            ValueError: the record has no scores under degradations.
        """
        localizer, scores = record["localizer"], record["scores"][0]
        if scores["robustness"] is None:
            raise ValueError("these scores are of undegraded images alone: evaluate with --robustness")
        return cls(
            weights_id=localizer["weights_id"],
            weights_sha256=localizer["weights_sha256"],
            view=localizer["views"],
            threshold=scores["threshold"],
            dataset=scores["dataset"],
            dataset_sha256=scores["dataset_sha256"],
            manipulated_images=scores["manipulated"]["n"],
            untouched_images=scores["untouched"]["n"],
            conditions=tuple(_rates(condition) for condition in scores["robustness"]["conditions"]),
        )

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ErrorRates:
        """What `as_json` gave."""
        conditions = tuple(_read_rates(one) for one in values["conditions"])
        return cls(**{**values, "conditions": conditions})

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    def markdown(self) -> str:
        """A paragraph on what was measured, and a table with a row a condition; ends with a newline."""
        rows = [[one.condition, *map(_told, _figures(one))] for one in self.conditions]
        return (
            f"**`{self.weights_id}`, {self.view} view**, at its threshold of {self.threshold:g}, on "
            f"{self.manipulated_images} manipulated and {self.untouched_images} untouched images of {self.dataset}; in "
            f"brackets 95 % intervals over source photographs. Weights SHA-256 `{self.weights_sha256[:16]}…`.\n\n"
            + "\n".join(_line(cells) for cells in (HEADER, ["---"] * len(HEADER), *rows))
            + "\n"
        )


def _rates(condition: Mapping[str, Any]) -> ConditionRates:
    family, level, untouched = condition["family"], condition["level"], condition["untouched"]
    return ConditionRates(
        condition=(level or family) if isinstance(level, str) else f"{family} {level:g}",
        untouched_pixels=_interval(untouched["pixels"]),
        untouched_images=_interval(untouched["images"]),
        untouched_images_over_one_percent=_interval(untouched["images_over_one_percent"]),
        missed=_interval(condition["missed"]),
        f1=_interval(condition["f1_at_threshold"]),
    )


def _read_rates(values: Mapping[str, Any]) -> ConditionRates:
    """JSON has no tuples."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return ConditionRates(**fields)


def _interval(estimate: Mapping[str, Any]) -> Interval | None:
    """Four decimals: more would say more than was measured, and change with every machine."""
    if estimate["value"] is None:
        return None
    return (round(estimate["value"], 4), round(estimate["low"], 4), round(estimate["high"], 4))


def _figures(rates: ConditionRates) -> tuple[str, ...]:
    shares = (
        rates.untouched_pixels,
        rates.untouched_images,
        rates.untouched_images_over_one_percent,
        rates.missed,
    )
    return (*(_shown(each, "{:.1%}") for each in shares), _shown(rates.f1, "{:.3f}"))


def _shown(interval: Interval | None, form: str) -> str:
    if interval is None:
        return "–"
    value, low, high = (form.format(each) for each in interval)
    return f"{value} [{low}, {high}]"


def _told(figure: str) -> str:
    return figure.replace("%", " %")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"

"""Rows to figures: means over seeds, paired differences with intervals over source groups, Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from boxprompt.evaluation.intervals import estimate
from boxprompt.evaluation.records import Estimate
from boxprompt.experiments.grid import ClaimsGrid, ComparisonTable
from boxprompt.experiments.scoring import SetScores

Metric: TypeAlias = Literal["f1_best", "f1_half", "auc"]
METRICS: tuple[Metric, ...] = ("f1_best", "f1_half", "auc")
HEADINGS = {"f1_best": "best F1", "f1_half": "F1 at 0.5", "auc": "AUC"}


@dataclass(frozen=True, slots=True)
class RunResult:
    """One row with one seed, or a reference that has no seed.

    Attributes:
        row: name.
        seed: None for a reference.
        steps: optimizer steps.
        loss: mean training loss of the last steps; None for a reference.
        alpha: α of Eq. 4 at the end; None for a reference, and without memory, where it is not used.
        scores: by name of the set.
    """

    row: str
    seed: int | None
    steps: int
    loss: float | None
    alpha: float | None
    scores: Mapping[str, SetScores]

    def to_record(self) -> dict[str, Any]:
        """JSON-able values."""
        plain = {name: getattr(self, name) for name in ("row", "seed", "steps", "loss", "alpha")}
        return {**plain, "scores": {name: one.to_record() for name, one in self.scores.items()}}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RunResult:
        """The result of `to_record`."""
        scores = {name: SetScores.from_record(one) for name, one in record["scores"].items()}
        return cls(**{**record, "scores": scores})


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds.

    Attributes:
        mean: of the seeds' means over images.
        deviation: of the seeds' means, with n - 1; None for one seed.
        seeds: how many.
    """

    mean: float
    deviation: float | None
    seeds: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One row less another, image by image.

    Attributes:
        title: of the comparison.
        reference: subtracted.
        other: subtracted from.
        set_name: on what.
        metric: of what.
        estimate: mean over images of the differences' means over shared seeds, 95 % over source groups.
        by_seed: the mean difference of each shared seed.
    """

    title: str
    reference: str
    other: str
    set_name: str
    metric: Metric
    estimate: Estimate
    by_seed: tuple[float, ...]

    @property
    def is_decided(self) -> bool:
        """Whether the interval leaves zero out and all seeds, two at least, say the same."""
        low, high = self.estimate.low, self.estimate.high
        if low is None or high is None or low <= 0 <= high or len(self.by_seed) < 2:
            return False
        return all(one > 0 for one in self.by_seed) or all(one < 0 for one in self.by_seed)


def spread(results: Sequence[RunResult], *, set_name: str, metric: Metric) -> Spread:
    """A figure of one row over its seeds."""
    means = [float(np.nanmean(_column(result, set_name, metric))) for result in results]
    deviation = float(np.std(means, ddof=1)) if len(means) > 1 else None
    return Spread(mean=float(np.mean(means)), deviation=deviation, seeds=len(means))


def differences(
    comparison: ComparisonTable, results: Sequence[RunResult], *, groups: Mapping[str, Sequence[str]]
) -> tuple[Difference, ...]:
    """All differences of a comparison for which there are results with a seed in common.

    Args:
        comparison: what is compared.
        results: of all rows.
        groups: source group of every image, by name of the set.
    """
    by_run = {(result.row, result.seed): result for result in results}
    return tuple(
        _difference(comparison, other, pairs, set_name=set_name, metric=metric, groups=names)
        for other in comparison.others
        if (pairs := _pairs(by_run, reference=comparison.reference, other=other))
        for set_name, names in groups.items()
        for metric in METRICS
    )


def summary(grid: ClaimsGrid, results: Sequence[RunResult], *, groups: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Rows and comparisons as JSON-able values."""
    return {
        "rows": [
            {
                "row": name,
                "seeds": [result.seed for result in runs],
                "steps": runs[0].steps,
                "loss": [result.loss for result in runs],
                "alpha": [result.alpha for result in runs],
                "figures": {
                    set_name: {metric: asdict(spread(runs, set_name=set_name, metric=metric)) for metric in METRICS}
                    for set_name in groups
                },
            }
            for name, runs in _by_row(results).items()
        ],
        "comparisons": [
            {**asdict(one), "is_decided": one.is_decided}
            for comparison in grid.comparison
            for one in differences(comparison, results, groups=groups)
        ],
    }


def rows_table(results: Sequence[RunResult], *, sets: Sequence[str]) -> str:
    """Figures of every row: mean ± deviation over seeds."""
    heads = [f"{set_name}: {HEADINGS[metric]}" for set_name in sets for metric in METRICS]
    lines = [
        [name, str(len(runs)), str(runs[0].steps)]
        + [_told(spread(runs, set_name=set_name, metric=metric)) for set_name in sets for metric in METRICS]
        for name, runs in _by_row(results).items()
    ]
    return markdown(["row", "seeds", "steps", *heads], lines)


def comparisons_table(comparison: ComparisonTable, found: Sequence[Difference]) -> str:
    """Differences of one comparison; a star marks those that are decided."""
    columns = list(dict.fromkeys((one.set_name, one.metric) for one in found))
    cells = {(one.other, one.set_name, one.metric): _told_difference(one) for one in found}
    lines = [
        [f"{other} less {comparison.reference}", *(cells[other, set_name, metric] for set_name, metric in columns)]
        for other in dict.fromkeys(one.other for one in found)
    ]
    return markdown([comparison.title, *(f"{name}: {HEADINGS[metric]}" for name, metric in columns)], lines)


def markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, ending in a newline."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _by_row(results: Sequence[RunResult]) -> dict[str, list[RunResult]]:
    grouped: dict[str, list[RunResult]] = {}
    for result in results:
        grouped.setdefault(result.row, []).append(result)
    return grouped


def _pairs(
    by_run: Mapping[tuple[str, int | None], RunResult], *, reference: str, other: str
) -> list[tuple[RunResult, RunResult]]:
    seeds = [seed for row, seed in by_run if row == reference and (other, seed) in by_run]
    return [(by_run[reference, seed], by_run[other, seed]) for seed in seeds]


def _difference(
    comparison: ComparisonTable,
    other: str,
    pairs: Sequence[tuple[RunResult, RunResult]],
    *,
    set_name: str,
    metric: Metric,
    groups: Sequence[str],
) -> Difference:
    by_image = np.stack([_column(new, set_name, metric) - _column(old, set_name, metric) for old, new in pairs])
    means = [None if np.isnan(one) else float(one) for one in by_image.mean(axis=0)]
    return Difference(
        title=comparison.title,
        reference=comparison.reference,
        other=other,
        set_name=set_name,
        metric=metric,
        estimate=estimate(means, groups),
        by_seed=tuple(float(np.nanmean(one)) for one in by_image),
    )


def _column(result: RunResult, set_name: str, metric: Metric) -> NDArray[np.float64]:
    values = getattr(result.scores[set_name], metric)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _told(figure: Spread) -> str:
    return f"{figure.mean:.3f}" if figure.deviation is None else f"{figure.mean:.3f} ± {figure.deviation:.3f}"


def _told_difference(one: Difference) -> str:
    interval = one.estimate
    assert interval.value is not None and interval.low is not None and interval.high is not None
    ups = sum(each > 0 for each in one.by_seed)
    star = " *" if one.is_decided else ""
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}] {ups}/{len(one.by_seed)}{star}"

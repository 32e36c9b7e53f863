"""The end of a fine-tuning as a table: before and after, on images that chose nothing. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensic_gui.services.finetune.events import DoneEvent, Figure, Scores
from forensic_gui.views.core.wording import images

# Below it chance moves every figure by more than most runs do.
_FEW_IMAGES = 20
# What is rounded to nothing is no change.
_LEAST_CHANGE = 0.0005

HEADINGS = ("", "Before", "After", "Change")
"""Of the columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: of a figure, or of the images that the next lines are about.
        before: with the weights it started from.
        after: with the new ones.
        change: the difference, with its sign.
        is_worse: whether the figure got worse.
        is_section: whether it only names images.
    """

    name: str
    before: str = ""
    after: str = ""
    change: str = ""
    is_worse: bool = False
    is_section: bool = False


_FIGURES: tuple[tuple[str, Callable[[Scores], float | None], bool], ...] = (
    ("Pixel F1 at 0.5", lambda scores: scores.f1_at_half.value, True),
    ("Pixel F1 at its own threshold", lambda scores: scores.f1_at_threshold.value, True),
    ("Best pixel F1 (upper bound)", lambda scores: scores.f1_at_best, True),
    ("Pixel AUC", lambda scores: scores.auc.value, True),
    ("Untouched pixels flagged", lambda scores: scores.flagged.value, False),
)
_INTERVALS: dict[str, Callable[[Scores], Figure]] = {
    "Pixel F1 at 0.5": lambda scores: scores.f1_at_half,
    "Pixel F1 at its own threshold": lambda scores: scores.f1_at_threshold,
    "Pixel AUC": lambda scores: scores.auc,
    "Untouched pixels flagged": lambda scores: scores.flagged,
}


def table(done: DoneEvent) -> tuple[Row, ...]:
    """Every figure of the held-out images, then of those on which scores must not fall."""
    rows = _rows("Held-out images of your labels, fast view", done.before, done.after)
    if done.thorough is not None:
        rows += _rows("Held-out images of your labels, thorough view", done.thorough.before, done.thorough.after)
    for comparison in (done.retention, done.retained):
        if comparison is not None:
            name = comparison.name[:1].upper() + comparison.name[1:]
            rows += _rows(f"To see what was forgotten: {name}", comparison.before, comparison.after)
    return tuple(rows)


def verdict(done: DoneEvent) -> tuple[str, ...]:
    """Sentences that the table is read with: whether held-out images got worse, and whether they are few."""
    fallen = []
    for name, before, after in (
        ("pixel F1 at its own threshold", done.before.f1_at_threshold.value, done.after.f1_at_threshold.value),
        ("pixel AUC", done.before.auc.value, done.after.auc.value),
    ):
        if before is not None and after is not None and before - after >= _LEAST_CHANGE:
            fallen.append(f"{name} fell from {before:.3f} to {after:.3f}")
    told = [f"On the images held out the new weights are worse: {' and '.join(fallen)}."] if fallen else []
    count = done.after.manipulated + done.after.untouched
    if count < _FEW_IMAGES:
        told.append(f"{images(count)} held out {'decides' if count == 1 else 'decide'} little.")
    return tuple(told)


def _rows(name: str, before: Scores, after: Scores) -> list[Row]:
    counts = f"{after.manipulated} manipulated, {after.untouched} untouched"
    return [Row(f"{name} ({counts})", is_section=True), *(_row(figure, before, after) for figure in _FIGURES)]


def _row(figure: tuple[str, Callable[[Scores], float | None], bool], before: Scores, after: Scores) -> Row:
    name, value, more_is_better = figure
    old, new = value(before), value(after)
    interval = _INTERVALS.get(name)
    told_old, told_new = (
        _text(each, None if interval is None else interval(scores)) for each, scores in ((old, before), (new, after))
    )
    if old is None or new is None:
        return Row(name, told_old, told_new)
    change = new - old
    worse = (change < 0) if more_is_better else (change > 0)
    told = f"{change:+.3f}".replace("-", "−") if abs(change) >= _LEAST_CHANGE else "0.000"
    return Row(name, told_old, told_new, told, worse and abs(change) >= _LEAST_CHANGE)


def _text(value: float | None, figure: Figure | None) -> str:
    if value is None:
        return "–"
    if figure is None or figure.low is None or figure.high is None:
        return f"{value:.3f}"
    return f"{value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"

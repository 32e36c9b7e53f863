"""Scores of several localizers side by side, as a Markdown table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boxprompt.evaluation.records import Estimate, Scores

Cell = Callable[[Scores], str]


def markdown_table(scores: Sequence[Scores]) -> str:
    """One row a localizer, in the order given; intervals in brackets. Ends with a newline.

    Raises:
        ValueError: the scores are of different images, so that their rows would not compare.
    """
    if len({one.dataset_sha256 for one in scores}) > 1:
        raise ValueError("scores of different images do not belong into one table")
    kinds = sorted({kind for one in scores for kind in one.by_kind})
    columns = {**_COLUMNS, **{f"AUC, {kind}": _auc_of_kind(kind) for kind in kinds}, **_UNTOUCHED_COLUMNS}
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(cell(one) for cell in columns.values()) + " |" for one in scores]
    return "\n".join(lines) + "\n"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    return f"{_figure(estimate.value)} [{_figure(estimate.low)}, {_figure(estimate.high)}]"


def _auc_of_kind(kind: str) -> Cell:
    return lambda one: _figure(one.by_kind[kind].auc.value) if kind in one.by_kind else "–"


_COLUMNS: dict[str, Cell] = {
    "localizer": lambda one: one.localizer,
    "F1 at 0.5": lambda one: _with_interval(one.pixel.f1_at_half),
    "F1 at threshold": lambda one: f"{_with_interval(one.pixel.f1_at_threshold)} at {_figure(one.threshold)}",
    "best F1": lambda one: f"{_figure(one.pixel.f1_at_best)} at {_figure(one.best_threshold)}",
    "IoU at 0.5": lambda one: _figure(one.pixel.iou_at_half.value),
    "AUC": lambda one: _with_interval(one.pixel.auc),
}
_UNTOUCHED_COLUMNS: dict[str, Cell] = {
    "untouched pixels flagged": lambda one: _figure(one.untouched.pixels.value),
    "untouched images flagged": lambda one: _figure(one.untouched.images.value),
    "image AUC": lambda one: _figure(one.image_auc["top_mean"]),
}

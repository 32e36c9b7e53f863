"""Scores of several localizers side by side, as Markdown tables, none too wide to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from boxprompt.evaluation.records import CalibrationCurve, ConditionScores, Estimate, PixelScores, Scores

Cell = Callable[[Scores], str]


def markdown_table(scores: Sequence[Scores]) -> str:
    """One row a localizer, in the order given; intervals in brackets. Ends with a newline.

    Raises:
        ValueError: the scores are of different images, so that their rows would not compare.
    """
    if len({one.dataset_sha256 for one in scores}) > 1:
        raise ValueError("scores of different images do not belong into one table")
    variants = dict.fromkeys(variant for one in scores for variant in one.f1_variants)
    columns = {**_COLUMNS, **{name: cell for variant in variants for name, cell in _of_variant(variant).items()}}
    return _table(columns, ([cell(one) for cell in columns.values()] for one in scores))


def parts_table(scores: Sequence[Scores]) -> str:
    """One row a part of the manipulated images (each kind, then each size of the edit) and localizer."""
    parts = dict.fromkeys(part for one in scores for part in _parts(one))
    rows = [_part_row(part, one, _parts(one)[part]) for part in parts for one in scores if part in _parts(one)]
    return _table(("manipulated images", "n", "localizer", "F1 at threshold", "F1 at the best of all", "AUC"), rows)


def calibration_table(scores: Sequence[Scores]) -> str:
    """One row a localizer and bin of scores, of manipulated and of untouched images apart."""
    header = (
        "localizer",
        "model score",
        "manipulated images: pixels",
        "mean score",
        "share manipulated",
        "untouched images: pixels",
        "mean score",
    )
    rows = [
        [one.localizer, *cells]
        for one in scores
        for cells in _calibration_rows(one.calibration.manipulated, one.calibration.untouched)
    ]
    return _table(header, rows)


def robustness_table(scores: Sequence[Scores]) -> str:
    """One row a localizer and condition, the undegraded first."""
    header = (
        "localizer",
        "condition",
        "F1 at threshold",
        "F1 lost",
        "F1 at 0.5",
        "AUC",
        "AUC change",
        "untouched pixels flagged",
        "untouched images flagged",
    )
    rows = [
        [one.localizer, *_condition_row(condition)]
        for one in scores
        if one.robustness is not None
        for condition in one.robustness.conditions
    ]
    return _table(header, rows)


def _parts(one: Scores) -> Mapping[str, PixelScores]:
    return {**one.by_kind, **{f"edit {size}": pixel for size, pixel in one.by_edit_size.items()}}


def _part_row(part: str, one: Scores, pixel: PixelScores) -> list[str]:
    return [
        part,
        str(pixel.n),
        one.localizer,
        _with_interval(pixel.f1_at_threshold),
        _figure(pixel.f1_at_best),
        _with_interval(pixel.auc),
    ]


def _calibration_rows(manipulated: CalibrationCurve, untouched: CalibrationCurve) -> list[list[str]]:
    bins = [
        [
            f"{edited.low:g}-{edited.high:g}",
            _share(edited.pixels, manipulated.pixels),
            _figure(edited.mean_score),
            _figure(edited.share_manipulated),
            _share(whole.pixels, untouched.pixels),
            _figure(whole.mean_score),
        ]
        for edited, whole in zip(manipulated.bins, untouched.bins, strict=True)
        if edited.pixels or whole.pixels
    ]
    errors = (_figure(manipulated.expected_calibration_error), _figure(untouched.expected_calibration_error))
    return [*bins, ["calibration error", "", errors[0], "", "", errors[1]]]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "–"


def _condition_row(condition: ConditionScores) -> list[str]:
    undegraded = not condition.level
    return [
        condition.name,
        _with_interval(condition.f1_at_threshold),
        "" if undegraded else _percent(condition.f1_lost),
        _figure(condition.f1_at_half.value),
        _with_interval(condition.auc),
        "" if undegraded else _signed(condition.auc_change),
        _figure(condition.untouched.pixels.value),
        _figure(condition.untouched.images.value),
    ]


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    titles = [_escaped(title) for title in header]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    lines += ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with_interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    return f"{_figure(estimate.value)} [{_figure(estimate.low)}, {_figure(estimate.high)}]"


def _percent(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    low, value, high = (
        # Adding zero takes the sign off a negative zero.
        "–" if each is None else f"{round(each, 2) + 0:.0%}"
        for each in (estimate.low, estimate.value, estimate.high)
    )
    return f"{value} [{low}, {high}]"


def _signed(estimate: Estimate) -> str:
    return "–" if estimate.value is None else f"{round(estimate.value, 3) + 0:+.3f}"


def _of_variant(variant: str) -> dict[str, Cell]:
    return {
        f"F1 «{variant}» at 0.5": lambda one: _with_interval(one.f1_variants[variant].f1_at_half),
        f"F1 «{variant}» at threshold": lambda one: _with_interval(one.f1_variants[variant].f1_at_threshold),
    }


_COLUMNS: dict[str, Cell] = {
    "localizer": lambda one: one.localizer,
    "F1 at 0.5": lambda one: _with_interval(one.pixel.f1_at_half),
    "F1 at threshold": lambda one: f"{_with_interval(one.pixel.f1_at_threshold)} at {_figure(one.threshold)}",
    "best F1": lambda one: f"{_figure(one.pixel.f1_at_best)} at {_figure(one.best_threshold)}",
    "IoU at 0.5": lambda one: _figure(one.pixel.iou_at_half.value),
    "AUC": lambda one: _with_interval(one.pixel.auc),
    "untouched pixels flagged": lambda one: _figure(one.untouched.pixels.value),
    "untouched images flagged": lambda one: _figure(one.untouched.images.value),
    "image AUC": lambda one: _figure(one.image_auc["top_mean"]),
}

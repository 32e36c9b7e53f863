"""What a model said of an item: pictures with their scale, scores, and everything that determined them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forensic_gui.domain.calibration import Calibration
from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.report.document import Block, ColourScale, Fact, Facts, Figures, Heading, Tone
from forensic_gui.report.sections.context import Context, counted, moment, percent, rough_percent, score, settings_of

# The colour scale «inferno» that heatmaps are drawn in, from 0 to 1 in sixteen steps.
INFERNO = (
    (0, 0, 4), (11, 7, 36), (33, 12, 74), (61, 9, 101), (87, 16, 110), (113, 25, 110), (138, 34, 106), (163, 44, 97),
    (188, 55, 84), (208, 69, 69), (227, 89, 51), (241, 113, 31), (249, 140, 10), (252, 170, 15), (249, 201, 50),
    (242, 232, 101), (252, 255, 164),
)  # fmt: skip


def model(item: ItemFacts, finding: Mapping[str, Any], context: Context, *, figures: Figures) -> Iterator[Block]:
    """Model output, apart from anything that a person drew."""
    words = context.words
    yield Heading(words("model.heading"), level=3)
    yield figures
    threshold = float(finding["threshold"])
    caption = words("figures.colour_scale", threshold=f"{threshold:g}")
    yield ColourScale(INFERNO, threshold, caption)
    yield Facts((*_scores(item, finding, context), *_origin(item, finding, context)))


def _scores(item: ItemFacts, finding: Mapping[str, Any], context: Context) -> tuple[Fact, ...]:
    words, scores = context.words, finding["scores"]
    source = words(f"threshold_sources.{str(finding['threshold_source']).replace(' ', '_')}")
    share = percent(finding["share_over_threshold"])
    if item.mask is not None:
        share = words("common.count_of", share=share, count=counted(item.mask.area_px))
    return (
        context.fact(
            "model.threshold", words("model.threshold_from", threshold=f"{finding['threshold']:g}", source=source)
        ),
        context.fact("model.share", share),
        context.fact(
            "model.scores", words("model.scores_as", **{name: score(value) for name, value in scores.items()})
        ),
        context.fact("model.calibration", _calibration(finding, context)),
    )


def _calibration(finding: Mapping[str, Any], context: Context) -> str:
    fitted = finding["calibration"]
    if fitted is None:
        return context.words("model.not_calibrated")
    if finding["remarks"]:
        return context.words("model.calibrated_elsewhere")
    calibration = Calibration(**{**fitted, "knots": tuple((float(x), float(y)) for x, y in fitted["knots"])})
    threshold, highest = float(finding["threshold"]), float(finding["scores"]["maximum"])
    return context.words(
        "model.calibrated",
        images=counted(calibration.images),
        data=calibration.fitted_on,
        chosen=context.words(f"model.chosen_{_chosen_on(finding, calibration.fitted_on, context)}"),
        prior=rough_percent(calibration.prior),
        threshold=f"{threshold:g}",
        share=rough_percent(calibration.share_of(threshold)),
        maximum=score(highest),
        highest=rough_percent(calibration.share_of(highest)),
        method=calibration.method,
    )


def _chosen_on(finding: Mapping[str, Any], data: str, context: Context) -> str:
    """What was chosen on the images of a calibration: with the threshold it saw them twice."""
    weights = context.weights.get(str(finding["weights_sha256"]))
    card = None if weights is None else weights.card
    is_from_card = finding["threshold_source"] == "weights card"
    return "both" if is_from_card and card and data in str(card.get("threshold_origin", "")) else "calibration"


def _origin(item: ItemFacts, finding: Mapping[str, Any], context: Context) -> tuple[Fact, ...]:
    words = context.words
    shown = [
        context.fact("model.weights", finding["weights_id"]),
        context.fact("model.weights_sha256", finding["weights_sha256"], Tone.MONO),
        context.fact("model.architecture", finding["architecture"]),
        context.fact("model.views", view_text(finding["views"], context)),
        context.fact("model.tiles", finding["tiles"] or words("common.none")),
        context.fact("model.runtime", words("model.runtime_as", runtime=finding["runtime"], device=finding["device"])),
        context.fact("model.settings", words("model.settings_as", number=_number_of_settings(finding, context))),
        context.fact(
            "model.tool", words("model.tool_as", version=finding["tool_version"], time=moment(finding["time"]))
        ),
    ]
    if item.mask is not None:
        rows, columns = item.mask.heatmap_grid
        shown.append(context.fact("model.grid", words("model.grid_as", rows=rows, columns=columns)))
        shown.append(context.fact("model.heatmap_sha256", item.mask.heatmap_sha256, Tone.MONO))
    return tuple(shown)


def _number_of_settings(finding: Mapping[str, Any], context: Context) -> int:
    return context.settings.index(settings_of(finding)) + 1


def view_text(view: object, context: Context) -> str:
    """A view in words; one that the words do not have as it is called."""
    key = f"views.{view}"
    return context.words(key) if key in context.words else str(view)

"""What a person drew in an item, with authors, times and origins, and how it differs from what the model marked."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.domain.annotation import MaskMaker, RegionDetails
from forensic_gui.domain.prompt import Prompts
from forensic_gui.domain.reports.record import Difference, ItemFacts, RegionFacts
from forensic_gui.report.document import Block, Facts, Figures, Heading, Notice, Table
from forensic_gui.report.sections.context import Context, counted, facts, moment, one_line, percent

_COLUMNS = ("number", "kind", "confidence", "share", "origin", "author", "note")
_WIDTHS = (0.8, 2.8, 2.1, 2.4, 3.7, 2.9, 3.1)
_HASH_SHOWN = 12


def regions(item: ItemFacts, context: Context, *, figures: Figures) -> Iterator[Block]:
    """The analyst's regions, apart from the model's output, and the difference of the two."""
    words = context.words
    yield Heading(words("regions.heading"), level=3)
    if not item.regions:
        yield Notice(words("items.no_regions"))
    if figures.figures:
        yield figures
    if item.regions:
        header = tuple(words(f"regions.{name}") for name in _COLUMNS)
        rows = tuple(_row(number, region, context) for number, region in enumerate(item.regions, start=1))
        yield Table(header, rows, _WIDTHS)
    author, time = item.last_edit
    last = words("common.by_at", who=author, time=moment(time)) if item.edits else words("common.none")
    yield facts(
        context.fact("regions.mark", words(f"conclusions.{item.conclusion.replace(' ', '_')}")),
        context.fact("regions.edits", item.edits),
        context.fact("regions.last_edit", last),
    )
    if item.difference is not None:
        yield Heading(words("difference.heading"), level=3)
        yield _difference(item.difference, context)


def _row(number: int, region: RegionFacts, context: Context) -> tuple[str, ...]:
    words, details = context.words, RegionDetails.from_record(region.details)
    kind = words(f"kinds.{details.kind.name.lower()}")
    if region.source_runs:
        kind = words("regions.with_source", kind=kind)
    return (
        str(number),
        kind,
        words(f"confidences.{details.confidence.name.lower()}"),
        words("common.count_of", share=percent(region.share), count=counted(region.area_px)),
        _origin(details, context),
        words("common.by_at", who=details.author, time=moment(details.time)),
        one_line(details.note),
    )


def _origin(details: RegionDetails, context: Context) -> str:
    words, origin = context.words, details.origin
    tool = origin.tool_id or words("common.not_supplied")
    if origin.tool_sha256:
        tool = words("regions.tool", id=tool, sha256=origin.tool_sha256[:_HASH_SHOWN])
    key = f"regions.by_{origin.maker.name.lower()}"
    made = words(key) if origin.maker is MaskMaker.ANALYST else words(key, tool=tool)
    if not details.prompts.is_empty:
        made = words("regions.prompted", origin=made, prompts=_prompts(details.prompts, context))
    return words("regions.edited", origin=made) if origin.edited else made


def _prompts(prompts: Prompts, context: Context) -> str:
    words = context.words
    told = [words("regions.box")] if prompts.box is not None else []
    if prompts.points:
        told.append(words("regions.points", count=len(prompts.points)))
    if prompts.scribbles:
        told.append(words("regions.scribbles", count=len(prompts.scribbles)))
    return context.listed(told)


def _difference(difference: Difference, context: Context) -> Facts:
    counts = {
        "model_only": difference.model_only_px,
        "analyst_only": difference.analyst_only_px,
        "both": difference.both_px,
        "neither": difference.neither_px,
    }
    pixels = sum(counts.values())
    shown = [
        context.fact(
            f"difference.{name}",
            context.words("common.count_of", share=percent(count / pixels), count=counted(count)),
        )
        for name, count in counts.items()
    ]
    return Facts((*shown, context.fact("difference.iou", f"{difference.iou:.4f}")))

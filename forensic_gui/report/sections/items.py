"""The items one by one: what is known of each file, what a model said of it, and what a person drew in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forensic_gui.domain.reports.pictures import PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.record import ItemFacts
from forensic_gui.report.document import Block, Fact, Facts, Figure, Figures, Heading, Notice, Text, Tone, Weight
from forensic_gui.report.sections.context import Context, counted, facts, moment, named_lines, one_line, shortened
from forensic_gui.report.sections.item_limits import limits
from forensic_gui.report.sections.item_metadata import metadata
from forensic_gui.report.sections.item_model import model
from forensic_gui.report.sections.item_regions import regions

# Drawn from what the case keeps of a finding, whatever became of the original.
_OF_THE_FINDING = frozenset({PictureKind.HEATMAP, PictureKind.MASK})


def items(context: Context) -> Iterator[Block]:
    """Every item on a page of its own, in the order of the plan."""
    for item in context.record.items:
        yield Heading(
            context.words("items.heading", number=item.id, name=shortened(item.name)), level=2, starts_page=True
        )
        yield from _item(item, context)


def figure(item: ItemFacts, kind: PictureKind, context: Context) -> Figure:
    """A picture of the whole item."""
    caption = context.words(f"figures.{kind.name.lower()}")
    return Figure(PictureRef(item.id, kind), caption, _missing(item, kind, context))


def _missing(item: ItemFacts, kind: PictureKind, context: Context) -> str:
    """What stands in a picture's place."""
    is_altered = item.id in context.signed_off.altered and kind not in _OF_THE_FINDING
    return context.words("items.no_picture_altered" if is_altered else "items.no_picture")


def _item(item: ItemFacts, context: Context) -> Iterator[Block]:
    words = context.words
    yield from _troubles(item, context)
    yield Heading(words("file.heading"), level=3)
    yield _file(item, context)
    if item.decoding is not None:
        shown = [figure(item, PictureKind.ORIGINAL, context)]
        if item.finding is not None:
            shown.append(figure(item, PictureKind.OVERLAY, context))
        yield Figures(tuple(shown))
        yield Heading(words("decoding.heading"), level=3)
        yield _decoding(item.decoding, context)
    if item.finding is not None:
        yield from model(item, item.finding, context, figures=_model_figures(item, context))
        yield from limits(item.finding, context)
    if item.decoding is not None:
        yield from regions(item, context, figures=_analyst_figures(item, context))
    yield from metadata(item, context, thumbnail=figure(item, PictureKind.EMBEDDED, context))
    yield from _pinned(item, context)
    yield Heading(words("traces.heading"), level=3)
    yield from _traces(item, context)


def _troubles(item: ItemFacts, context: Context) -> Iterator[Block]:
    """What must not be missed about an item, before anything else of it."""
    words = context.words
    if not item.is_unaltered:
        yield Notice(words("items.altered"), Weight.WARNING)
    if item.id in context.signed_off.altered:
        yield Notice(words("items.altered_since"), Weight.WARNING)
    if item.unreadable:
        yield Notice(words("items.unreadable", reason=item.unreadable), Weight.WARNING)
    if item.finding is None:
        yield Notice(words("items.no_finding"))
        return
    weights = context.weights.get(str(item.finding["weights_sha256"]))
    if weights is None or not weights.is_validated:
        yield Notice(words("items.unvalidated"), Weight.WARNING)


def _file(item: ItemFacts, context: Context) -> Facts:
    words = context.words
    added = words("common.by_at", who=item.added_by, time=moment(item.added))
    verified = Fact(
        words("file.verified"),
        words("file.verified_yes" if item.is_unaltered else "file.verified_no"),
        Tone.BODY if item.is_unaltered else Tone.WORDS,
    )
    return facts(
        context.fact("file.name", item.name),
        context.fact("file.sha256", item.sha256, Tone.MONO),
        verified,
        context.fact("file.size", words("common.bytes", count=counted(item.size_bytes))),
        context.fact("file.source", item.source),
        context.fact("file.modified", moment(item.modified_utc)),
        context.fact("file.added", added),
        context.fact("file.group", item.group or words("common.none")),
        context.fact("file.tags", context.listed(item.tags) or words("common.none")),
    )


def _decoding(decoding: Any, context: Context) -> Facts:
    words = context.words
    upright = words(
        "decoding.view_as",
        width=decoding["view_width"],
        height=decoding["view_height"],
        orientation=decoding["orientation"],
    )
    shown = [
        context.fact("decoding.format", decoding["format"]),
        context.fact("decoding.decoder", f"{decoding['decoder']} {decoding['decoder_version']}"),
        context.fact("decoding.stored", words("decoding.size", width=decoding["width"], height=decoding["height"])),
        context.fact("decoding.view", upright),
        context.fact("decoding.mode", words("decoding.mode_as", mode=decoding["mode"], bits=decoding["bit_depth"])),
        context.fact("decoding.page", words("decoding.page_of", page=decoding["page"] + 1, pages=decoding["pages"])),
    ]
    if decoding["jpeg_quality"] is not None:
        shown.append(context.fact("decoding.jpeg_quality", decoding["jpeg_quality"]))
    shown.append(context.fact("decoding.names_camera", context.yes_no(decoding["names_camera"])))
    if decoding["decoder_parameters"]:
        shown.append(context.fact("decoding.parameters", named_lines(decoding["decoder_parameters"]), Tone.WORDS))
    for key, sentences in (("decoding.choices", decoding["choices"]), ("decoding.warnings", decoding["warnings"])):
        shown.append(context.fact(key, " ".join(sentences) or words("common.none")))
    return Facts(tuple(shown))


def _model_figures(item: ItemFacts, context: Context) -> Figures:
    return Figures(tuple(figure(item, kind, context) for kind in (PictureKind.HEATMAP, PictureKind.MASK)))


def _analyst_figures(item: ItemFacts, context: Context) -> Figures:
    kinds = [PictureKind.REGIONS] if item.regions else []
    if item.difference is not None:
        kinds.append(PictureKind.DIFFERENCE)
    return Figures(tuple(figure(item, kind, context) for kind in kinds))


def _pinned(item: ItemFacts, context: Context) -> Iterator[Block]:
    pinned = [view for view in context.record.plan.pinned if view.item_id == item.id]
    if not pinned:
        return
    words = context.words
    yield Heading(words("pinned.heading"), level=3)
    shown = []
    for view in pinned:
        box = {name: f"{getattr(view.box, name):g}" for name in ("x0", "x1", "y0", "y1")}
        picture = words(f"figures.{view.picture.name.lower()}")
        key = "figures.pinned" if view.caption.strip() else "figures.pinned_plain"
        text = words(key, caption=one_line(view.caption), picture=picture, **box)
        shown.append(Figure(PictureRef(item.id, view.picture, view.box), text, _missing(item, view.picture, context)))
    yield Figures(tuple(shown))


def _traces(item: ItemFacts, context: Context) -> Iterator[Block]:
    if not item.traces:
        yield Text(context.words("traces.none"), Tone.EMPTY)
    for trace in item.traces:
        yield Text(context.pairs(trace))

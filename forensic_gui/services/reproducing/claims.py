"""What a report says of its own numbers, computed again from what it shows."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.record import ItemFacts, ModelMask, RegionFacts
from forensic_gui.services.reporting.maps import difference_of
from forensic_gui.services.reproducing.recorded import Recorded

_ROUNDING = 1e-9


def false_claims(facts: ItemFacts, recorded: Recorded) -> tuple[str, ...]:
    """What an item says of itself that does not follow from its own masks, a sentence each."""
    try:
        return tuple(_false(facts, recorded))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:  # what nobody wrote
        return (f"A mask of the record is damaged: {error}.",)


def _false(facts: ItemFacts, recorded: Recorded) -> Iterator[str]:
    if recorded.sha256 != facts.sha256:
        yield "The finding is of other bytes than the item."
    model = None
    if facts.mask is not None:
        model = Mask.from_text(recorded.size, facts.mask.runs)
        yield from _false_of_mask(facts.mask, model, recorded)
    analyst = Mask.empty(recorded.size)
    for region in facts.regions:
        mask = Mask.from_text(recorded.size, region.runs)
        analyst = analyst | mask
        yield from _false_of_region(region, mask, recorded.size)
    if facts.difference is not None and model is not None and facts.difference != difference_of(model, analyst):
        yield "The difference of mask and regions does not follow from them."


def _false_of_mask(stated: ModelMask, mask: Mask, recorded: Recorded) -> Iterator[str]:
    if stated.area_px != mask.area:
        yield f"The mask has {mask.area} pixels, not the {stated.area_px} that are stated."
    if abs(recorded.share - mask.area / recorded.size.pixels) > _ROUNDING:
        yield "The share of pixels over the threshold does not follow from the mask."
    if stated.threshold != recorded.threshold:
        yield "The mask was made at another threshold than the finding."


def _false_of_region(stated: RegionFacts, mask: Mask, size: Size) -> Iterator[str]:
    if stated.area_px != mask.area or abs(stated.share - mask.area / size.pixels) > _ROUNDING:
        yield f"The area of region {stated.id} does not follow from its pixels."

"""What a case has to say in labels, counted, and how much of it a format loses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from forensic_gui.domain.annotation import Confidence, Kind, Region
from forensic_gui.domain.labels import LabelledImage
from forensic_gui.services.annotating import morphology
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.labels.case_labels import labels_of
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, Trait
from forensic_gui.services.progress import CancelToken

# With a mask for each region, the form `png` keeps them apart and names their kinds.
_KEPT_PER_REGION = frozenset({Trait.OVERLAPS, Trait.KIND})

_COUNTED: Mapping[Trait, tuple[str, str]] = {
    Trait.HOLES: ("1 region has a hole", "{} regions have holes"),
    Trait.PARTS: ("1 region has several parts", "{} regions have several parts"),
    Trait.OVERLAPS: ("1 image has several regions", "{} images have several regions"),
    Trait.KIND: ("1 region has a kind", "{} regions have a kind"),
    Trait.SOURCE: ("1 copy-move has a source", "{} copy-moves have a source"),
    Trait.REMARKS: ("1 region has a confidence or a note", "{} regions have a confidence or a note"),
    Trait.UNTOUCHED: ("1 image is marked as without manipulation", "{} images are marked as without manipulation"),
}
assert set(_COUNTED) == set(Trait)


@dataclass(frozen=True, slots=True)
class LabelContents:
    """What there is to export.

    Attributes:
        manipulated: images with regions.
        untouched: images marked as without manipulation.
        regions: regions with a pixel.
        scribbled: images on which scribbles were drawn.
        left_out: images with neither region nor mark.
        traits: how many regions, or images, have what a format may not be able to carry.
    """

    manipulated: int
    untouched: int
    regions: int
    scribbled: int
    left_out: int
    traits: Mapping[Trait, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a format cannot carry.

    Attributes:
        trait: what.
        sentence: what becomes of it.
        count: how often it is in the labels at hand.
    """

    trait: Trait
    sentence: str
    count: int

    @property
    def counted(self) -> str:
        """How often, in words, as «3 regions have holes»; "" where it is not there."""
        one, many = _COUNTED[self.trait]
        return "" if self.count == 0 else one if self.count == 1 else many.format(self.count)


def contents_of(case: CaseSession, *, cancel: CancelToken | None = None) -> LabelContents:
    """Count what a case has to say in labels. Takes as long as looking at every mask.

    Raises:
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    labels = labels_of(case)
    traits: Counter[Trait] = Counter()
    for image in labels.images:
        token.raise_if_cancelled()
        traits.update(_traits_of(image))
    untouched = sum(image.is_marked_untouched for image in labels.images)
    return LabelContents(
        manipulated=len(labels.images) - untouched,
        untouched=untouched,
        regions=sum(len(image.regions) for image in labels.images),
        scribbled=sum(any(region.details.prompts.scribbles for region in image.regions) for image in labels.images),
        left_out=labels.left_out,
        traits=traits,
    )


def losses(chosen: LabelFormat, contents: LabelContents | None, *, per_region: bool = False) -> tuple[Loss, ...]:
    """What a format loses: first what is there, then what is not.

    Args:
        chosen: the format.
        contents: what there is; None where that is not known.
        per_region: whether a mask for each region is written too, where the format has it.
    """
    kept = _KEPT_PER_REGION if per_region and chosen is LabelFormat.PNG else frozenset()
    found = [
        Loss(trait, sentence, 0 if contents is None else contents.traits.get(trait, 0))
        for trait, sentence in FORMATS[chosen].losses.items()
        if trait not in kept
    ]
    return tuple(sorted(found, key=lambda loss: loss.count == 0))


def _traits_of(image: LabelledImage) -> Iterator[Trait]:
    if image.is_marked_untouched:
        yield Trait.UNTOUCHED
    if len(image.regions) > 1:
        yield Trait.OVERLAPS
    for region in image.regions:
        yield from _traits_of_region(region)


def _traits_of_region(region: Region) -> Iterator[Trait]:
    details = region.details
    has = {
        Trait.HOLES: morphology.fill_holes(region.mask).area > region.mask.area,
        Trait.PARTS: morphology.part_count(region.mask) > 1,
        Trait.KIND: details.kind is not Kind.UNKNOWN,
        Trait.SOURCE: region.source is not None,
        Trait.REMARKS: details.confidence is not Confidence.UNSTATED or bool(details.note),
    }
    yield from (trait for trait, there in has.items() if there)

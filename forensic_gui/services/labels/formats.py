"""The formats, and what each of them cannot carry: window, help and guide say it from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LabelFormat(StrEnum):
    """A form that labels leave a case in."""

    MANI = "mani"
    BENCO_JSON = "benco-json"
    COCO = "coco"
    LABELME = "labelme"
    YOLO_SEG = "yolo-seg"
    PNG = "png"


class Trait(StrEnum):
    """What an annotation can say, and a format may not be able to."""

    HOLES = "holes"
    PARTS = "regions of several parts"
    OVERLAPS = "regions apart, also where they overlap"
    KIND = "kind of manipulation"
    SOURCE = "source of a copy-move"
    REMARKS = "confidence and note"
    UNTOUCHED = "images marked as without manipulation"


@dataclass(frozen=True, slots=True)
class FormatTraits:
    """What a format is, and what is lost in it.

    Attributes:
        format: which one.
        title: what people call it.
        layout: what the folder holds, a sentence.
        losses: what it cannot carry, and what becomes of it, a sentence each.
        readable: whether `labels import` reads it.
    """

    format: LabelFormat
    title: str
    layout: str
    losses: Mapping[Trait, str] = field(default_factory=dict, hash=False)
    readable: bool = False

    def carries(self, trait: Trait) -> bool:
        """Whether it survives an export."""
        return trait not in self.losses


_ONE_MASK = {
    Trait.OVERLAPS: "The regions of an image become one mask.",
    Trait.KIND: "What was done in a region is not said.",
    Trait.SOURCE: "Where a copy-move was taken from is not said.",
    Trait.REMARKS: "Confidence and note stay behind.",
}

_TRAITS = (
    FormatTraits(
        LabelFormat.MANI,
        "Tp/Gt folders (IMDL-BenCo's ManiDataset)",
        "Tp holds images, Gt their masks (PNG, 0 or 255) under the same stem, Au images without manipulation; "
        "each part of a split is such a folder of its own.",
        _ONE_MASK,
        readable=True,
    ),
    FormatTraits(
        LabelFormat.BENCO_JSON,
        "JSON list of pairs (IMDL-BenCo's JsonDataset)",
        "Tp, Gt and Au hold images and masks; <part>.json pairs them, with paths relative to the export's "
        "folder, which must be the working directory of the reader.",
        _ONE_MASK,
    ),
    FormatTraits(
        LabelFormat.COCO,
        "COCO instances (RLE)",
        "images holds images, annotations/instances_<part>.json one annotation a region, as compressed run lengths.",
        readable=True,
    ),
    FormatTraits(
        LabelFormat.LABELME,
        "labelme files with mask shapes",
        "images holds images and, beside each, a JSON file with one shape of type mask a region; splits/<part>.txt "
        "lists the images of a part.",
        readable=True,
    ),
    FormatTraits(
        LabelFormat.YOLO_SEG,
        "YOLO segmentation (polygons)",
        "images holds images, labels a text file for each with one outline a line, data.yaml the classes and the lists "
        "of images of each part.",
        {
            Trait.HOLES: "Holes are filled, because a polygon has none; the manifest says how well each mask is met.",
            Trait.PARTS: "Every part of a region becomes an object of its own.",
            Trait.SOURCE: "Where a copy-move was taken from is not said.",
            Trait.REMARKS: "Confidence and note stay behind.",
        },
    ),
    FormatTraits(
        LabelFormat.PNG,
        "Mask images (PNG)",
        "images holds images, masks one PNG for each (0 or 255; all 0 without manipulation), regions one for each "
        "region where asked for; each part of a split is such a folder of its own.",
        {
            **_ONE_MASK,
            Trait.OVERLAPS: "The regions of an image become one mask, unless a mask for each region is asked for.",
            Trait.KIND: "What was done in a region is said by the names of masks for each region only.",
        },
    ),
)

FORMATS: Mapping[LabelFormat, FormatTraits] = {traits.format: traits for traits in _TRAITS}
assert set(FORMATS) == set(LabelFormat)


_NOTHING_LOST = "Holes, parts, overlaps, kinds, sources, confidence, notes and marks are all carried."


def losses_in_words(chosen: LabelFormat) -> str:
    """What a format cannot carry, in sentences; one that says so where it carries everything."""
    losses = FORMATS[chosen].losses
    return " ".join(losses.values()) if losses else _NOTHING_LOST

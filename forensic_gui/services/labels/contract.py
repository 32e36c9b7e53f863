"""What the services of labels are asked, and what they answer: the same for window and command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forensic_gui.domain.finding import Failure
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.splits import Part


@dataclass(frozen=True, slots=True)
class ExportLabelsRequest:
    """What to export, and where to.

    Attributes:
        output: a new or empty folder.
        format: of the labels.
        parts: of the split; none for no split.
        seed: decides which source groups go to which part.
        scribbles: whether strokes are written as maps as well.
        per_region: whether the format `png` gets a mask for each region as well.
        item_ids: which items; None for all.
    """

    output: Path
    format: LabelFormat
    parts: tuple[Part, ...] = ()
    seed: int = 0
    scribbles: bool = False
    per_region: bool = False
    item_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class LabelsReport:
    """What was exported.

    Attributes:
        folder: where it lies; None where every image was refused and nothing was written.
        format: of the labels.
        manipulated: images with regions.
        untouched: images marked as without manipulation.
        regions: regions written.
        parts: images by part of the split.
        left_out: images of the case without region or mark.
        notices: what the user should know, a sentence each.
        failures: images that were refused.
    """

    folder: Path | None
    format: LabelFormat
    manipulated: int
    untouched: int
    regions: int
    parts: Mapping[str, int] = field(hash=False)
    left_out: int
    notices: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportLabelsRequest:
    """What to import.

    Attributes:
        path: the label file, or the folder of an export.
        format: of the labels, one that is readable.
    """

    path: Path
    format: LabelFormat


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was imported.

    Attributes:
        images: images of the case that got regions or a mark.
        regions: regions added.
        marked: images marked as without manipulation.
        known: regions and marks that the case had already.
        remarks: what the user should know, a sentence each: matches by name, shapes passed over, masks turned.
        failures: images of the labels that no item was found for, that contradict them, or that could not be read.
        item_ids: items of the case that got regions or a mark.
    """

    images: int
    regions: int
    marked: int
    known: int
    remarks: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    item_ids: tuple[int, ...] = ()

"""Labels: annotations on their way out of a case, and what came into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forensic_gui.domain.annotation import Annotation, Conclusion, Region
from forensic_gui.domain.mask import Mask


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image of a case and what the analyst says of it.

    Attributes:
        item_id: its number within the case.
        name: its file name when it was added.
        sha256: of its bytes.
        annotation: what the analyst says.
        group: name of its source group; "" for none.
    """

    item_id: int
    name: str
    sha256: str
    annotation: Annotation
    group: str = ""

    @property
    def regions(self) -> tuple[Region, ...]:
        """Its regions that have a pixel: the others say nothing."""
        return tuple(region for region in self.annotation.regions if not region.mask.is_empty)

    @property
    def mask(self) -> Mask:
        """Pixels of any region."""
        return self.annotation.mask

    @property
    def is_marked_untouched(self) -> bool:
        """Whether it is marked as «no manipulation found»."""
        return self.annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND

    @property
    def says_something(self) -> bool:
        """Whether there is anything to export."""
        return self.is_marked_untouched or bool(self.regions)

    @property
    def contradicts_itself(self) -> bool:
        """Whether regions are drawn on an image that is marked as one without manipulation."""
        return self.is_marked_untouched and bool(self.regions)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of a case.

    Attributes:
        case_id: id of the case.
        case_name: its name.
        images: those with a region or a mark, in the order of adding.
        left_out: number of images with neither.
    """

    case_id: str
    case_name: str
    images: tuple[LabelledImage, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of an export.

    Attributes:
        path: relative to the export's folder, with forward slashes.
        sha256: of its bytes.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """An image as it was exported.

    Attributes:
        file: where it lies, and its hash.
        copied: whether it is the original byte by byte; otherwise a lossless PNG of its decoded pixels.
        reason: why it is not, a sentence; "" for a copy.
        warnings: of the decoder, a sentence each.
    """

    file: FileRecord
    copied: bool
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportImage:
    """An image on its way into an export.

    Attributes:
        labelled: the image and its annotation.
        stem: of all its files, unique within the export.
        part: the part of the split it belongs to.
        exported: the image file written for it.
    """

    labelled: LabelledImage
    stem: str
    part: str
    exported: ExportedFile


@dataclass(frozen=True, slots=True)
class WrittenLabels:
    """What a format wrote for one image.

    Attributes:
        files: files that hold its labels alone.
        region_files: a mask file of its own by region id, where one was asked for.
        overlap: by region id, intersection over union of what the format holds with the mask, where the format could
            not hold it exactly.
    """

    files: tuple[FileRecord, ...] = ()
    region_files: Mapping[str, FileRecord] = field(default_factory=dict, hash=False)
    overlap: Mapping[str, float] = field(default_factory=dict, hash=False)

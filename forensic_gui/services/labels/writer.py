"""What a format's writer does, and the ones that are folders of masks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from forensic_gui.domain.labels import ExportImage, FileRecord, LabelledImage, WrittenLabels
from forensic_gui.services.labels.images import mask_png_bytes
from forensic_gui.services.labels.splits import UNSPLIT
from forensic_gui.services.labels.staging import StagedFolder


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What a writer is told once.

    Attributes:
        folder: the export.
        parts: names of the split's parts; one where it is not split.
        per_region: whether a mask file for each region was asked for.
        author: who exports.
        time: when, ISO 8601 in UTC with offset.
        case_id: id of the case.
        tool_version: of this program.
    """

    folder: StagedFolder
    parts: tuple[str, ...]
    per_region: bool
    author: str
    time: str
    case_id: str
    tool_version: str


@dataclass(frozen=True, slots=True)
class ImageLayout:
    """Where the images of a format go.

    Attributes:
        by_part: whether every part of the split has a folder of its own.
        by_manipulation: whether images without manipulation lie in Au and the others in Tp; else all lie in images.
    """

    by_part: bool = False
    by_manipulation: bool = False

    def top(self, part: str) -> PurePosixPath:
        """Folder of a part; the export's folder itself where parts share it, or there is one only."""
        return PurePosixPath(part) if self.by_part and part != UNSPLIT else PurePosixPath()

    def images(self, image: LabelledImage, part: str) -> PurePosixPath:
        """Folder of an image."""
        return self.top(part) / (("Au" if image.is_marked_untouched else "Tp") if self.by_manipulation else "images")


class LabelWriter(Protocol):
    """Writes labels in one format: `add` for each image in order, then `finish`."""

    @property
    def layout(self) -> ImageLayout:
        """Where images go."""
        ...

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the labels of an image whose own file is written."""
        ...

    def finish(self) -> tuple[FileRecord, ...]:
        """Write the files that all images share."""
        ...


MakeWriter = Callable[[ExportContext], LabelWriter]


class ManiWriter:
    """`Tp`, `Gt` and `Au` for each part.

    IMDL-BenCo's ManiDataset pairs the sorted listings of Tp and Gt: every image has a mask of its stem, and stems hold
    no dot, so that both sort alike.
    """

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout(by_part=True, by_manipulation=True)
        self._context = context

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the mask of any region."""
        if image.labelled.is_marked_untouched:
            return WrittenLabels()
        path = self.layout.top(image.part) / "Gt" / f"{image.stem}.png"
        return WrittenLabels(files=(write_mask(self._context.folder, path, image.labelled),))

    def finish(self) -> tuple[FileRecord, ...]:
        """Nothing is shared."""
        return ()


class PngWriter:
    """`images` and `masks` for each part, and `regions` on request."""

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout(by_part=True)
        self._context = context

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the mask of any region, and of each one where asked for."""
        folder, top = self._context.folder, self.layout.top(image.part)
        united = write_mask(folder, top / "masks" / f"{image.stem}.png", image.labelled)
        return WrittenLabels(files=(united,), region_files=self._regions(image, top))

    def finish(self) -> tuple[FileRecord, ...]:
        """Nothing is shared."""
        return ()

    def _regions(self, image: ExportImage, top: PurePosixPath) -> Mapping[str, FileRecord]:
        if not self._context.per_region:
            return {}
        return {
            region.id: self._context.folder.write(
                top / "regions" / image.stem / f"{number:03d}-{region.details.kind.value}.png",
                mask_png_bytes(region.mask.to_array()),
            )
            for number, region in enumerate(image.labelled.regions, start=1)
        }


def write_mask(folder: StagedFolder, path: PurePosixPath, image: LabelledImage) -> FileRecord:
    """Write the mask of any region as a PNG of 0 and 255."""
    return folder.write(path, mask_png_bytes(image.mask.to_array()))


def json_bytes(values: Any, *, indent: int | None = None) -> bytes:
    """JSON in UTF-8, with half of a surrogate pair, which UTF-8 cannot carry, as JSON's own escape."""
    return json.dumps(values, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace")

"""IMDL-BenCo's JsonDataset: a list of [image, mask], with the word "Negative" for an image without manipulation."""

from __future__ import annotations

from pathlib import PurePosixPath

from forensic_gui.domain.labels import ExportImage, FileRecord, WrittenLabels
from forensic_gui.services.labels.writer import ExportContext, ImageLayout, json_bytes, write_mask

NEGATIVE = "Negative"


class BencoJsonWriter:
    """`Tp`, `Gt` and `Au` for all parts together, and a list for each part.

    The reader opens the paths as they stand in the list, so that they are relative to its working directory: absolute
    ones would break when the export is moved.
    """

    def __init__(self, context: ExportContext) -> None:
        self.layout = ImageLayout(by_manipulation=True)
        self._context = context
        self._pairs: dict[str, list[tuple[str, str]]] = {part: [] for part in context.parts}

    def add(self, image: ExportImage) -> WrittenLabels:
        """Write the mask of any region, and remember the pair."""
        files: tuple[FileRecord, ...] = ()
        mask_path = NEGATIVE
        if not image.labelled.is_marked_untouched:
            mask = write_mask(self._context.folder, PurePosixPath("Gt", f"{image.stem}.png"), image.labelled)
            files, mask_path = (mask,), f"./{mask.path}"
        self._pairs[image.part].append((f"./{image.exported.file.path}", mask_path))
        return WrittenLabels(files=files)

    def finish(self) -> tuple[FileRecord, ...]:
        """Write the lists."""
        return tuple(
            self._context.folder.write(PurePosixPath(f"{part}.json"), json_bytes(pairs, indent=1))
            for part, pairs in self._pairs.items()
        )

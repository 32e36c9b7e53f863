"""The folder of pseudo-masks: a dataset of the same images, what was made of each, and how far a killed run came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import OutputError, RequestError
from forensic_gui.services.engine import KnownImage
from forensic_gui.services.labels.images import mask_png_bytes
from forensic_gui.storage.atomic import StagedFile, commit_together, output_error, remove_leftovers

RECORDS = "pseudo-masks.jsonl"
MANIFEST = "manifest.jsonl"
_UNTOUCHED = "authentic"  # as a synthesis calls it in its manifest


class PseudoMaskFolder:
    """A record is written after its files, so that a killed run is gone on with."""

    def __init__(self, folder: Path, header: Mapping[str, Any]) -> None:
        """Nothing is looked at yet.

        Args:
            folder: where to.
            header: what determines the pseudo-masks, as JSON values: a run with another one is another run.
        """
        self._folder = folder
        self._header = dict(header)

    def open(self) -> dict[str, dict[str, Any]]:
        """Make the folder, or read how far it is: records by image name.

        Raises:
            RequestError: it holds other files, or pseudo-masks of another run.
            OutputError: it takes no files.
        """
        records = self._folder / RECORDS
        try:
            for name in ("Tp", "Gt", "Au"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
                remove_leftovers(self._folder / name)
            if not records.exists():
                if any(any((self._folder / name).iterdir()) for name in ("Tp", "Gt", "Au")):
                    raise RequestError(f"{self._folder} holds other files already; choose an empty folder.")
                records.write_text(_line(self._header), encoding="utf-8")
            lines = records.read_text(encoding="utf-8").splitlines(keepends=True)
        except OSError as error:
            raise output_error(records, error) from error
        whole = [line for line in lines if line.endswith("\n")]
        try:
            header, *rest = (json.loads(line) for line in whole)
        except ValueError as error:
            raise RequestError(f"{records} is damaged; choose another folder.") from error
        if header != self._header:
            raise RequestError(f"{self._folder} holds pseudo-masks that were made otherwise; choose another folder.")
        if len(whole) < len(lines):  # a kill in the middle of a line
            records.write_text("".join(whole), encoding="utf-8")
        return {record["image"]: record for record in rest}

    def copy(self, image: Path) -> None:
        """Copy an untouched image.

        Raises:
            RequestError: it cannot be read.
            OutputError: it cannot be written.
        """
        self._write({self._folder / "Au" / image.name: self._bytes(image)})

    def add(self, image: Path, mask: NDArray[np.bool_], record: dict[str, Any]) -> None:
        """Write an image with its pseudo-mask, bool (H, W), then its record.

        Raises:
            RequestError: the image cannot be read.
            OutputError: a file cannot be written.
        """
        self._write({self._folder / "Gt" / f"{image.stem}.png": mask_png_bytes(mask)})
        self._write({self._folder / "Tp" / image.name: self._bytes(image)})
        try:
            with (self._folder / RECORDS).open("a", encoding="utf-8") as stream:
                stream.write(_line(record))
        except OSError as error:
            raise output_error(self._folder / RECORDS, error) from error

    def finish(self, images: Iterable[KnownImage]) -> None:
        """State kinds and source photographs of the images that lie in it, in the manifest that datasets are read with.

        Without it a split by source would go by the files' names, and divide what belongs together.

        Raises:
            OutputError: it cannot be written.
        """
        lines = []
        for known in images:
            place = "Au" if known.is_untouched else "Tp"
            if (self._folder / place / known.image.name).is_file():
                kind = _UNTOUCHED if known.is_untouched else known.kind
                lines.append({"image": f"{place}/{known.image.name}", "kind": kind, "sources": list(known.sources)})
        self._write({self._folder / MANIFEST: "".join(map(_line, lines)).encode("ascii")})

    def _bytes(self, image: Path) -> bytes:
        try:
            return image.read_bytes()
        except OSError as error:
            raise RequestError(f"{image} cannot be read: {error.strerror}.") from error

    def _write(self, files: dict[Path, bytes]) -> None:
        staged: list[StagedFile] = []
        try:
            for path, data in files.items():
                with StagedFile(path) as file:
                    staged.append(file)
                    file.write(data)
        except OutputError:
            for file in staged:
                file.discard()
            raise
        commit_together(staged)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=True, allow_nan=False) + "\n"

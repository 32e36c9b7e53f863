"""The labels of a case as a dataset to learn from, in a folder of the run."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forensic_gui.domain.case import CASE_SUFFIX
from forensic_gui.domain.errors import RequestError
from forensic_gui.domain.geometry import Orientation
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.labels.case_labels import labels_of
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.exporting import export_labels
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.images import png_bytes
from forensic_gui.services.labels.scribbles import MANIPULATED, UNTOUCHED
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.atomic import StagedFile

_MANIFEST = "manifest.json"
# How a dataset tells labels of some pixels, see `boxprompt.data.scribbles`.
_PARTIAL, _UNKNOWN = "Pt", 255


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled images on the disk.

    Attributes:
        folder: with `Tp`, `Gt` and perhaps `Pt` and `Au`.
        name: what people call the set.
        groups: source group by image file's name, beyond what the names say.
        refused: images that were left out, a sentence each.
    """

    folder: Path
    name: str
    groups: dict[str, str]
    refused: tuple[str, ...] = ()


def is_case(source: Path) -> bool:
    """Whether a path names a case."""
    return source.suffix == CASE_SUFFIX


def labels_of_case(
    source: Path, folder: Path, *, decoder: Decoder, cancel: CancelToken, scribbles: bool = False
) -> Labelled:
    """Export a case's regions and its images without manipulation; the case is only read.

    Images are turned upright with their masks: that is how the localizer sees them.

    Args:
        source: the case.
        folder: where to; what an earlier piece of the run left there is removed.
        scribbles: give an image on which scribbles were drawn those, as labels of some pixels, and no mask.
        decoder: makes pixels of originals.
        cancel: looked at between images.

    Raises:
        CaseError: it cannot be opened.
        RequestError: nothing is drawn in it.
        OutputError: the folder takes no files.
        Cancelled: stopping was asked for.
    """
    shutil.rmtree(folder, ignore_errors=True)
    case = CaseSession.open(source, author="", read_only=True)
    try:
        if not any(image.regions for image in labels_of(case).images):
            raise RequestError(f"No image of {source.name} has a region drawn; draw some before fine-tuning on it.")
        report = export_labels(
            ExportLabelsRequest(output=folder, format=LabelFormat.MANI, scribbles=scribbles),
            case=case,
            decoder=decoder,
            cancel=cancel,
        )
        if report.manipulated == 0:
            raise RequestError(f"No image of {source.name} with a region can be used; see `case verify`.")
        entries = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["images"]
        for entry in entries:
            _turn_upright(entry, folder, case=case, decoder=decoder, cancel=cancel)
            if entry["scribbles"] is not None:
                _take_scribbles(entry, folder, decoder=decoder, cancel=cancel)
    finally:
        case.close()
    return Labelled(
        folder=folder,
        name=source.name,
        groups={Path(entry["image"]["path"]).name: entry["group"] for entry in entries if entry["group"]},
        refused=tuple(f"{failure.path.name}: {failure.message}" for failure in report.failures),
    )


def _turn_upright(
    entry: dict[str, Any], folder: Path, *, case: CaseSession, decoder: Decoder, cancel: CancelToken
) -> None:
    if entry["image"]["copied_byte_by_byte"]:
        return  # an upright one
    original = case.original(entry["item"])
    orientation = decoder.decode(original, max_side_px=64, cancel=cancel).facts.orientation
    if orientation is Orientation.UPRIGHT:
        return
    strokes = [] if entry["scribbles"] is None else [entry["scribbles"]]
    for file in (entry["image"], *entry["labels"], *strokes):
        path = folder / file["path"]
        pixels = decoder.decode(path, cancel=cancel).pixels
        with StagedFile(path) as staged:
            staged.write(png_bytes(orientation.apply(pixels)))
        staged.commit()


def _take_scribbles(entry: dict[str, Any], folder: Path, *, decoder: Decoder, cancel: CancelToken) -> None:
    """Put an image's scribbles, in the notation of datasets, where its mask was."""
    strokes = decoder.decode(folder / entry["scribbles"]["path"], cancel=cancel).pixels[..., 0]
    if not (strokes == MANIPULATED).any():
        return  # strokes beside the region alone say less than its mask
    labels = np.full(strokes.shape, _UNKNOWN, dtype=np.uint8)
    labels[strokes == MANIPULATED], labels[strokes == UNTOUCHED] = 1, 0
    for mask in entry["labels"]:
        (folder / mask["path"]).unlink()
    (folder / _PARTIAL).mkdir(exist_ok=True)
    with StagedFile(folder / _PARTIAL / Path(entry["scribbles"]["path"]).name) as staged:
        staged.write(png_bytes(labels))
    staged.commit()

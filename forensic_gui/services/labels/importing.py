"""Labels into a case: every region an edit that can be taken back, one undo an image."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from forensic_gui.domain.annotation import (
    Annotation,
    Conclusion,
    MaskMaker,
    MaskOrigin,
    Region,
    RegionDetails,
)
from forensic_gui.domain.case import AnnotationState
from forensic_gui.domain.edits import AddRegion, SetConclusion, Several
from forensic_gui.domain.errors import (
    CaseReadOnly,
    EditRefused,
    EvidenceError,
    LabelsContradict,
    LabelsError,
    RequestError,
)
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.labels.contract import ImportLabelsRequest, ImportReport
from forensic_gui.services.labels.foreign import ForeignImage, ForeignRegion
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, Trait
from forensic_gui.services.labels.matching import Frame, How, Match, Matcher, frame_of, read_exported
from forensic_gui.services.labels.read_coco import read_coco
from forensic_gui.services.labels.read_labelme import labelme_files, read_labelme
from forensic_gui.services.labels.read_mani import mani_folders, read_mani
from forensic_gui.services.labels.shapes import Shape, rasterise
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress

EDIT_LABEL = "Import labels"

_MATCHED_BY: Mapping[How, str] = {
    How.STATED: "{0} was matched by the hash of the evidence that its labels state, not by its own bytes.",
    How.NAME: "{0} was matched to {1} by name and size, not by its bytes; see that it is the same image.",
}


def import_labels(
    request: ImportLabelsRequest,
    *,
    case: CaseSession,
    decoder: Decoder,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportReport:
    """Add the regions and marks of label files to the items they are of. What the case has already is not added again.

    Raises:
        RequestError: the format cannot be imported, or there is nothing at the path.
        CaseReadOnly: the case can only be looked at.
        LabelsError: the labels are damaged, or none of this format; nothing was imported.
        Cancelled: stopping was asked for; images that were done stay.
    """
    token = cancel or CancelToken()
    if not FORMATS[request.format].readable:
        readable = ", ".join(each.value for each, traits in FORMATS.items() if traits.readable)
        raise RequestError(f"Labels are imported from {readable}, not from {request.format.value}.")
    _require_there(request.path)
    if case.info.read_only:
        raise CaseReadOnly(case.info.read_only)
    images, unread = _READERS[request.format](request.path)
    matcher = Matcher(case, exported=read_exported(request.path.resolve()), decoder=decoder, cancel=token)
    run = _Import(case, matcher, decoder, request.format, token)
    run.failures += unread
    for number, image in enumerate(images):
        token.raise_if_cancelled()
        message = run.add(image)
        kind: Literal["failed", "finished"] = "failed" if message else "finished"
        progress(ProgressEvent(number + 1, len(images), len(run.failures), image.name, kind, message))
    report = run.report()
    case.note("labels imported", subject=str(request.path), details=_event_details(request, images, report))
    return report


def _require_there(path: Path) -> None:
    try:
        is_there = path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be searched
        reason = error.strerror or type(error).__name__
        raise RequestError(f"{path} cannot be read ({reason}); choose another place.") from error
    if not is_there:
        raise RequestError(f"There is nothing at {path}.")


class _Import:
    """One import while it runs."""

    def __init__(
        self, case: CaseSession, matcher: Matcher, decoder: Decoder, label_format: LabelFormat, cancel: CancelToken
    ) -> None:
        self.failures: list[Failure] = []
        self._case = case
        self._matcher = matcher
        self._decoder = decoder
        self._format = label_format
        self._cancel = cancel
        self._remarks: list[str] = []
        self._item_ids: list[int] = []
        self._regions = self._marked = self._known = 0

    def add(self, image: ForeignImage) -> str:
        """Add what is said of one image, or note why not; the sentence then, else ""."""
        self._remarks += image.remarks
        if not image.regions and not image.untouched:
            return ""
        try:
            match = self._matcher.match(image)
            state = self._case.annotation(match.item.id)
            if image.regions:
                self._add_regions(image, match, state)
            else:
                self._mark(match, state)
        except (LabelsError, EvidenceError, EditRefused) as error:
            self.failures.append(Failure(Path(image.name), type(error).__name__, str(error)))
            return str(error)
        if match.how in _MATCHED_BY:
            self._remarks.append(_MATCHED_BY[match.how].format(image.name, match.item.name))
        return ""

    def report(self) -> ImportReport:
        """What was done."""
        return ImportReport(
            images=len(self._item_ids),
            regions=self._regions,
            marked=self._marked,
            known=self._known,
            remarks=tuple(self._remarks),
            failures=tuple(self.failures),
            item_ids=tuple(self._item_ids),
        )

    def _add_regions(self, image: ForeignImage, match: Match, state: AnnotationState) -> None:
        annotation = state.annotation
        if annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND:
            raise LabelsContradict(
                f"{match.item.name} is marked as without manipulation, but its labels have regions; take the mark away "
                "and import again."
            )
        frame = frame_of(image, match)
        identity = _regions_in if FORMATS[self._format].carries(Trait.KIND) else _masks_in
        have = identity(annotation)
        new = []
        for region in self._regions_of(image, match, frame):
            said = identity(Annotation(annotation.size, (region,)))
            if said <= have:
                self._known += 1
            else:
                have |= said
                new.append(region)
        if not new:
            return
        first = len(annotation.regions)
        edits = tuple(AddRegion(region, first + number) for number, region in enumerate(new))
        self._case.commit(match.item.id, Several(edits), label=EDIT_LABEL, revision=state.revision)
        self._item_ids.append(match.item.id)
        self._regions += len(new)
        if frame.orientation is not frame.orientation.UPRIGHT:
            self._remarks.append(f"The labels of {image.name} are of its upright view; they were turned back.")

    def _mark(self, match: Match, state: AnnotationState) -> None:
        annotation = state.annotation
        if annotation.regions:
            raise LabelsContradict(f"{match.item.name} has regions, so it was not marked as without manipulation.")
        if annotation.conclusion is Conclusion.NO_MANIPULATION_FOUND:
            self._known += 1
            return
        edit = SetConclusion(annotation.conclusion, Conclusion.NO_MANIPULATION_FOUND)
        self._case.commit(match.item.id, edit, label=EDIT_LABEL, revision=state.revision)
        self._item_ids.append(match.item.id)
        self._marked += 1

    def _regions_of(self, image: ForeignImage, match: Match, frame: Frame) -> Iterator[Region]:
        time = datetime.now(UTC).isoformat(timespec="seconds")
        for foreign in image.regions:
            self._cancel.raise_if_cancelled()
            where = f"{image.labels}: {foreign.where}"
            mask = self._mask(foreign.shape, frame, where)
            if mask.is_empty:
                self._remarks.append(f"{where} has no pixel on the image and was passed over.")
                continue
            source = None if foreign.source is None else self._mask(foreign.source, frame, f"{where}, source")
            details = RegionDetails(
                author=self._case.author,
                time=time,
                kind=foreign.kind,
                confidence=foreign.confidence,
                note=foreign.note,
                origin=MaskOrigin(
                    MaskMaker.IMPORTED, self._format.value, image.labels_sha256, _parameters(image, foreign, match)
                ),
            )
            kept = None if source is None or source.is_empty else source
            yield Region(uuid.uuid4().hex, mask, details, kept)

    def _mask(self, shape: Shape, frame: Frame, where: str) -> Mask:
        try:
            inside = rasterise(shape, frame.size, decoder=self._decoder, cancel=self._cancel)
        except LabelsError as error:
            raise LabelsError(f"{where}: {error}.") from error
        return Mask.of(np.ascontiguousarray(frame.orientation.inverse.apply(inside)))


def _parameters(image: ForeignImage, region: ForeignRegion, match: Match) -> dict[str, str | int | float | bool]:
    said = {"labels": image.labels, "image": image.name, "author": region.author, "drawn": region.drawn}
    return {"matched_by": match.how.name.lower(), **{key: value for key, value in said.items() if value}}


def _regions_in(annotation: Annotation) -> set[object]:
    """By what a form that says kinds tells regions apart."""
    return {(region.mask, region.source, region.details.kind) for region in annotation.regions}


def _masks_in(annotation: Annotation) -> set[object]:
    """What a form that says masks alone may say of an annotation: any region, or all of them in one."""
    return {annotation.mask, *(region.mask for region in annotation.regions)}


def _read_labelme_folder(path: Path) -> tuple[tuple[ForeignImage, ...], list[Failure]]:
    """Every file on its own: one that is damaged does not keep the others out."""
    images, failures = [], []
    for file in labelme_files(path):
        try:
            images.append(read_labelme(file))
        except LabelsError as error:
            if not path.is_dir():
                raise
            failures.append(Failure(file, type(error).__name__, str(error)))
    return tuple(images), failures


def _read_mani_folders(path: Path) -> tuple[tuple[ForeignImage, ...], list[Failure]]:
    return tuple(image for folder in mani_folders(path) for image in read_mani(folder)), []


_READERS: Mapping[LabelFormat, Callable[[Path], tuple[tuple[ForeignImage, ...], list[Failure]]]] = {
    LabelFormat.COCO: lambda path: (read_coco(path), []),
    LabelFormat.LABELME: _read_labelme_folder,
    LabelFormat.MANI: _read_mani_folders,
}
assert set(_READERS) == {each for each, traits in FORMATS.items() if traits.readable}


def _event_details(
    request: ImportLabelsRequest, images: tuple[ForeignImage, ...], report: ImportReport
) -> dict[str, Any]:
    return {
        "format": request.format.value,
        "files": dict(sorted({image.labels: image.labels_sha256 for image in images}.items())),
        "items": list(report.item_ids),
        "images": report.images,
        "regions": report.regions,
        "marked": report.marked,
        "known": report.known,
        "failed": [failure.message for failure in report.failures],
    }

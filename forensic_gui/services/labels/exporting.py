"""Labels out of a case: images, labels and a manifest, in a folder that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from forensic_gui import __version__
from forensic_gui.domain.errors import EvidenceError, RequestError
from forensic_gui.domain.finding import Failure
from forensic_gui.domain.labels import ExportImage, LabelledImage, LabelSet
from forensic_gui.services import engine
from forensic_gui.services.case.session import CaseSession
from forensic_gui.services.labels import manifest
from forensic_gui.services.labels.benco import BencoJsonWriter
from forensic_gui.services.labels.case_labels import labels_of
from forensic_gui.services.labels.coco import CocoWriter
from forensic_gui.services.labels.contract import ExportLabelsRequest, LabelsReport
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.images import export_image, png_bytes
from forensic_gui.services.labels.labelme import LabelmeWriter
from forensic_gui.services.labels.naming import ExportNames
from forensic_gui.services.labels.scribbles import scribble_map
from forensic_gui.services.labels.splits import UNSPLIT, SourcesOfName, assign, require_whole
from forensic_gui.services.labels.staging import StagedFolder, require_vacant
from forensic_gui.services.labels.writer import (
    ExportContext,
    LabelWriter,
    MakeWriter,
    ManiWriter,
    PngWriter,
)
from forensic_gui.services.labels.yolo import YoloWriter
from forensic_gui.services.outputs import require_outside_cases
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress

OCCASION = "export labels"
"""On which originals are verified."""
BEGUN, EXPORTED = "labels export begun", "labels exported"
"""Events before and after the folder gets its name, with the same manifest: where a program ends between the two, the
first one says of which export the folder is."""

_WRITERS: Mapping[LabelFormat, MakeWriter] = {
    LabelFormat.MANI: ManiWriter,
    LabelFormat.BENCO_JSON: BencoJsonWriter,
    LabelFormat.COCO: CocoWriter,
    LabelFormat.LABELME: LabelmeWriter,
    LabelFormat.YOLO_SEG: YoloWriter,
    LabelFormat.PNG: PngWriter,
}
assert set(_WRITERS) == set(LabelFormat)


def export_labels(
    request: ExportLabelsRequest,
    *,
    case: CaseSession,
    decoder: Decoder,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> LabelsReport:
    """Export what a case says of its images. Originals are verified first; an altered one is refused, the rest goes on.

    Raises:
        RequestError: the output folder holds something or lies in a case, or nothing is to be exported or split so.
        OutputError: the export could not be written; nothing is left.
        Cancelled: stopping was asked for; nothing is left.
    """
    token = cancel or CancelToken()
    require_outside_cases(request.output)
    require_vacant(request.output)
    require_whole(request.parts)
    labels = labels_of(case, request.item_ids)
    if not labels.images:
        raise RequestError(
            "Nothing to export: no image has a region or is marked as without manipulation; draw or mark one first."
        )
    altered = case.verify([image.item_id for image in labels.images], occasion=OCCASION, cancel=token)

    def announce(manifest_sha256: str) -> None:
        if not case.info.read_only:
            details = {"format": request.format.value, "manifest_sha256": manifest_sha256}
            case.note(BEGUN, subject=str(request.output), details=details)

    refusals = {each.item_id: _altered_sentence(each.measured) for each in altered}
    report, manifest_sha256 = write_label_set(
        request,
        labels,
        refusals=refusals,
        author=case.author,
        original=case.original,
        decoder=decoder,
        sources_of_name=engine.source_photographs,
        announce=announce,
        progress=progress,
        cancel=token,
    )
    if report.folder is not None and not case.info.read_only:
        case.note(EXPORTED, subject=str(report.folder), details=_event_details(request, report, manifest_sha256))
    return report


def write_label_set(  # noqa: PLR0913 - one argument for each collaborator
    request: ExportLabelsRequest,
    labels: LabelSet,
    *,
    refusals: Mapping[int, str],
    author: str,
    original: Callable[[int], Path],
    decoder: Decoder,
    sources_of_name: SourcesOfName,
    announce: Callable[[str], None] = lambda _: None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken,
) -> tuple[LabelsReport, str]:
    """Write labels with their images into a new folder.

    Args:
        request: what to write, and where to.
        labels: the labels.
        refusals: why an image must not be written, by item id.
        author: who exports.
        original: where an item's bytes lie.
        decoder: the decoder of record.
        sources_of_name: photographs that an image was made of, as far as its stem tells.
        announce: given the manifest's hash when all is written, before the folder gets its name.
        progress: an event for each image.
        cancel: looked at between steps.

    Returns:
        The report and the hash of the manifest ("" where nothing was written).

    Raises:
        OutputError: it could not be written; nothing is left.
        Cancelled: stopping was asked for; nothing is left.
    """
    facts = manifest.ExportFacts(
        request.format,
        request.parts,
        request.seed,
        author,
        datetime.now(UTC).isoformat(timespec="seconds"),
        __version__,
    )
    folder = StagedFolder(request.output)
    try:
        export = _Export(request, labels, facts, folder, original=original, decoder=decoder, cancel=cancel)
        parts = assign(labels.images, request.parts, seed=request.seed, sources_of_name=sources_of_name)
        for number, image in enumerate(labels.images):
            cancel.raise_if_cancelled()
            event = export.add(image, part=parts[image.item_id], refusal=refusals.get(image.item_id, ""))
            progress(ProgressEvent(number + 1, len(labels.images), len(export.failures), image.name, *event))
        if not export.entries:
            return export.report(None), ""
        manifest_sha256 = export.finish()
        announce(manifest_sha256)
        folder.commit()
        return export.report(request.output), manifest_sha256
    finally:
        folder.discard()


class _Export:
    """One export while it is written."""

    def __init__(
        self,
        request: ExportLabelsRequest,
        labels: LabelSet,
        facts: manifest.ExportFacts,
        folder: StagedFolder,
        *,
        original: Callable[[int], Path],
        decoder: Decoder,
        cancel: CancelToken,
    ) -> None:
        self.entries: list[manifest.ManifestEntry] = []
        self.failures: list[Failure] = []
        self._request = request
        self._labels = labels
        self._facts = facts
        self._folder = folder
        self._original = original
        self._decoder = decoder
        self._cancel = cancel
        self._names = ExportNames()
        self._parts = tuple(part.name for part in request.parts) or (UNSPLIT,)
        self._writer: LabelWriter = _WRITERS[request.format](
            ExportContext(
                folder=folder,
                parts=self._parts,
                per_region=request.per_region,
                author=facts.author,
                time=facts.time,
                case_id=labels.case_id,
                tool_version=facts.tool_version,
            )
        )

    def add(self, image: LabelledImage, *, part: str, refusal: str) -> tuple[Literal["finished", "failed"], str]:
        """Write an image and its labels, or note why not; kind and message of the progress event."""
        try:
            if refusal or image.contradicts_itself:
                raise EvidenceError(refusal or _CONTRADICTION)
            self.entries.append(self._write(image, part))
        except EvidenceError as error:
            self.failures.append(Failure(Path(image.name), type(error).__name__, str(error), image.sha256))
            return "failed", str(error)
        return "finished", ""

    def finish(self) -> str:
        """Write what all images share, the manifest last; its hash."""
        shared = (
            *self._writer.finish(),
            *manifest.write_split_lists(self._folder, self.entries, self._parts),
        )
        record = manifest.manifest_record(
            self._facts, self._labels, self.entries, failures=self.failures, shared=shared
        )
        return manifest.write_manifest(self._folder, record).sha256

    def report(self, folder: Path | None) -> LabelsReport:
        """What was done."""
        images = [entry.image.labelled for entry in self.entries]
        untouched = sum(image.is_marked_untouched for image in images)
        parts = {part: sum(entry.image.part == part for entry in self.entries) for part in self._parts}
        return LabelsReport(
            folder=folder,
            format=self._request.format,
            manipulated=len(images) - untouched,
            untouched=untouched,
            regions=sum(len(image.regions) for image in images),
            parts=parts,
            left_out=self._labels.left_out,
            notices=self._notices(),
            failures=tuple(self.failures),
        )

    def _write(self, image: LabelledImage, part: str) -> manifest.ManifestEntry:
        stem = self._names.take(image.name, sha256=image.sha256)
        images = self._writer.layout.images(image, part)
        exported = export_image(
            image,
            self._original(image.item_id),
            place=lambda suffix: images / f"{stem}{suffix}",
            folder=self._folder,
            decoder=self._decoder,
            cancel=self._cancel,
        )
        ready = ExportImage(image, stem, part, exported)
        written = self._writer.add(ready)
        strokes = scribble_map(image) if self._request.scribbles else None
        if strokes is None:
            return manifest.ManifestEntry(ready, written)
        place = self._writer.layout.top(part) / "scribbles" / f"{stem}.png"
        return manifest.ManifestEntry(ready, written, self._folder.write(place, png_bytes(strokes)))

    def _notices(self) -> tuple[str, ...]:
        with_regions = {entry.image.part for entry in self.entries if entry.image.labelled.regions}
        notices = [f"The part {part} holds no manipulated image." for part in self._parts if part not in with_regions]
        overlaps = [overlap for entry in self.entries for overlap in entry.labels.overlap.values()]
        if overlaps:
            notices.append(
                f"{len(overlaps)} region{'s' if len(overlaps) > 1 else ''} could not be held exactly; the least "
                f"overlap of what was written with the mask is {min(overlaps):.3f} (intersection over union)."
            )
        return tuple(notices)


_CONTRADICTION = (
    "It has regions and is marked as without manipulation; take the mark or the regions away. It was not exported."
)


def _altered_sentence(measured: str) -> str:
    if not measured:
        return "The original is missing or cannot be read; its labels were not exported."
    return "The original is not what was put into the case; its labels were not exported."


def _event_details(request: ExportLabelsRequest, report: LabelsReport, manifest_sha256: str) -> dict[str, object]:
    return {
        "format": request.format.value,
        "manifest_sha256": manifest_sha256,
        "manipulated": report.manipulated,
        "untouched": report.untouched,
        "regions": report.regions,
        "parts": dict(report.parts),
        "seed": request.seed,
        "items": None if request.item_ids is None else list(request.item_ids),
        "per_region": request.per_region,
        "scribbles": request.scribbles,
        "refused": [failure.sha256 for failure in report.failures],
    }

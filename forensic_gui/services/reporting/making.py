"""A report's file: laid out from its record, hashed, entered in the audit trail, and put in its place."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from forensic_gui import __version__
from forensic_gui.domain.errors import CaseDamaged, RequestError
from forensic_gui.domain.reports.manifest import ReportManifest, manifest_beside
from forensic_gui.domain.reports.record import ReportRecord, SignedOff, record_hash
from forensic_gui.domain.reports.template import TemplateIdentity
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.record import now
from forensic_gui.services.outputs import require_free, require_outside_cases
from forensic_gui.services.progress import CancelToken, ProgressEvent, ProgressSink, ignore_progress
from forensic_gui.services.reporting.building import OCCASION, build_record
from forensic_gui.services.reporting.contract import (
    Form,
    RenderReport,
    ReportPorts,
    ReportRequest,
    SignReport,
    WrittenReport,
)
from forensic_gui.services.reporting.pictures import CasePictures
from forensic_gui.services.reporting.seen import SeenItems
from forensic_gui.storage.atomic import StagedFile, commit_together

WRITTEN = "report written"
_ALTERED = "The original is no longer what was put into the case."


def make_report(
    request: ReportRequest,
    *,
    case: CaseSession,
    ports: ReportPorts,
    render: RenderReport,
    sign: SignReport | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> WrittenReport:
    """Write a report and its manifest. The same state of the case gives the same bytes of the report.

    An issued revision is laid out from its sealed record, a draft from the case as it is. Either way every original of
    it is hashed anew; items that were altered or cannot be read are named, and stop no other.

    The event of the audit trail is written before the files take their places: nothing gets out unrecorded.

    Args:
        request: which report, and where to.
        case: open for writing or for reading only; of the latter no event is recorded.
        ports: what is needed of the world.
        render: lays the record out.
        sign: signs the file; None for no signature.
        progress: told of every item, and of what is amiss as "failed".
        cancel: looked at all along; nothing is left of a report that was stopped.

    Raises:
        RequestError: the place cannot be used, or the request contradicts itself.
        ReportError: there is no such revision, the plan shows what the case does not have or was changed meanwhile, or
            the template does not fit.
        SigningError: no signature could be made; nothing is written.
        CaseDamaged: what the case keeps of an item, or a revision, cannot be read.
        OutputError: a file cannot be written.
        Cancelled: stopping was asked for.
    """
    token = cancel or CancelToken()
    _require_place(request, is_signed=sign is not None)
    troubles = _Troubles(progress)
    with SeenItems() as seen:
        chosen = _chosen(request, case=case, ports=ports, seen=seen, progress=troubles, cancel=token)
        troubles.of_record(chosen.record)
        with CasePictures(
            chosen.record, case=case, ports=ports, altered=chosen.altered, seen=seen, cancel=token
        ) as pictures:
            staged = _laid_out(
                request.output, chosen, render=render, pictures=pictures, troubles=troubles, cancel=token
            )
    try:
        if sign is not None:
            sign(staged.staged, reason=chosen.reason)
            staged.reread()
        token.raise_if_cancelled()
        manifest = _manifest(staged, chosen, case=case, is_signed=sign is not None, template=render.template)
        manifest = _recorded(manifest, chosen, case=case, template=render.template)
        beside = StagedFile(manifest_beside(request.output))
        with beside:
            beside.write(manifest.to_json().encode("ascii"))
        commit_together([staged, beside])
    except BaseException:
        staged.discard()
        raise
    return WrittenReport(
        path=request.output,
        manifest=manifest,
        manifest_path=beside.path,
        items=len(chosen.record.items),
        troubles=troubles.found,
        is_draft=chosen.record.is_draft,
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is laid out.

    Attributes:
        record: everything it says.
        record_json: its canonical JSON.
        signed_off: reviews, and whether it was superseded.
        altered: ids of items whose originals are not what was added.
    """

    record: ReportRecord
    record_json: str
    signed_off: SignedOff
    altered: frozenset[int]

    @property
    def revision(self) -> int | None:
        """Number of the issued revision; None for the draft."""
        return None if self.record.issue is None else self.record.issue.number

    @property
    def reason(self) -> str:
        """What stands in a signature."""
        what = "draft" if self.revision is None else f"revision {self.revision}"
        return f"Report of the case {self.record.case.name}, {what}"


class _Troubles:
    """A sink that hands progress on and keeps what is amiss, each once."""

    def __init__(self, progress: ProgressSink) -> None:
        self._progress = progress
        self._found: dict[tuple[str, str], None] = {}

    def __call__(self, event: ProgressEvent) -> None:
        if event.kind == "failed":
            self._found[(event.item, event.message)] = None
        self._progress(replace(event, failed=len(self._found)))

    @property
    def found(self) -> tuple[tuple[str, str], ...]:
        """(item's name, sentence), in the order in which they showed."""
        return tuple(self._found)

    def of_record(self, record: ReportRecord) -> None:
        """Name items that cannot be shown as they should."""
        names = _names(record)
        for item in record.items:
            if item.unreadable:
                self.name(names[item.id], item.unreadable, total=len(record.items))
            # Who hashed it names both hashes.
            if not item.is_unaltered and not any(item.sha256 in sentence for _, sentence in self._found):
                self.name(names[item.id], _ALTERED, total=len(record.items))

    def name(self, item: str, sentence: str, *, total: int) -> None:
        """Say what is amiss with an item, unless it was said."""
        if (item, sentence) not in self._found:
            self(ProgressEvent(total, total, 0, item, "failed", sentence))


def _names(record: ReportRecord) -> dict[int, str]:
    """Names of items by id, with their numbers where several have the same one."""
    times = Counter(item.name for item in record.items)
    return {item.id: item.name if times[item.name] == 1 else f"{item.name} (item {item.id})" for item in record.items}


def _require_place(request: ReportRequest, *, is_signed: bool) -> None:
    suffix = request.output.suffix.lower()
    if suffix not in set(Form):
        raise RequestError(f"{request.output.name} is no report's name: it ends in {' or '.join(Form)}.")
    if is_signed and suffix != Form.PDF:
        raise RequestError("Only a PDF can be signed: give the report a name that ends in .pdf.")
    require_outside_cases(request.output)
    for path in (request.output, manifest_beside(request.output)):
        require_free(path, replace=request.replaces)


def _chosen(
    request: ReportRequest,
    *,
    case: CaseSession,
    ports: ReportPorts,
    seen: SeenItems,
    progress: ProgressSink,
    cancel: CancelToken,
) -> _Chosen:
    revision = request.revision
    if revision is None:
        issues = case.reports.issues()
        revision = issues[-1].issue.number if issues else 0
    if revision:
        return _issued(revision, request, case=case, progress=progress, cancel=cancel)
    if request.plan is not None:
        case.reports.require_sound(request.plan)
    record = build_record(
        case, opinion=None, plan=request.plan, ports=ports, seen=seen, progress=progress, cancel=cancel
    )
    altered = frozenset(item.id for item in record.items if not item.is_unaltered)
    return _Chosen(record, record.to_json(), SignedOff(), altered)


def _issued(
    number: int, request: ReportRequest, *, case: CaseSession, progress: ProgressSink, cancel: CancelToken
) -> _Chosen:
    if request.plan is not None:
        raise RequestError(
            f"Revision {number} was issued and shows what it shows: ask for the draft to choose something else."
        )
    issued = case.reports.issued_report(number)
    try:
        record = ReportRecord.from_record(json.loads(issued.record_json))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CaseDamaged(f"Revision {number} of the report cannot be read; restore the case from a copy.") from error
    found = case.verify([item.id for item in record.items], occasion=OCCASION, progress=progress, cancel=cancel)
    altered = frozenset(each.item_id for each in found)
    since = tuple(item.id for item in record.items if item.is_unaltered and item.id in altered)
    signed_off = replace(case.reports.signed_off(number), altered=since)
    return _Chosen(record, issued.record_json, signed_off, altered)


def _laid_out(
    output: Path,
    chosen: _Chosen,
    *,
    render: RenderReport,
    pictures: CasePictures,
    troubles: _Troubles,
    cancel: CancelToken,
) -> StagedFile:
    """The report beside its place, complete."""
    record = chosen.record
    with StagedFile(output) as staged:
        render(
            record,
            cast(BinaryIO, _Sink(staged)),
            record_json=chosen.record_json,
            signed_off=chosen.signed_off,
            pictures=pictures,
            tick=_tick(output.name, troubles, cancel),
        )
    names = _names(record)
    for item_id, sentence in pictures.troubles:
        troubles.name(names[item_id], sentence, total=len(names))
    return staged


def _tick(name: str, progress: ProgressSink, cancel: CancelToken) -> Callable[[int, int], None]:
    def tick(done: int, total: int) -> None:
        cancel.raise_if_cancelled()
        progress(ProgressEvent(done, total, 0, name, "stage", "Written"))

    return tick


class _Sink(io.RawIOBase):
    """A staged file as what renderers write to."""

    def __init__(self, staged: StagedFile) -> None:
        self._staged = staged

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._staged.write(data)
        return len(data)


def _manifest(
    staged: StagedFile, chosen: _Chosen, *, case: CaseSession, is_signed: bool, template: TemplateIdentity
) -> ReportManifest:
    return ReportManifest(
        file=staged.path.name,
        sha256=staged.sha256,
        size_bytes=staged.size_bytes,
        record_sha256=record_hash(chosen.record_json),
        case_id=chosen.record.case.id,
        revision=chosen.revision,
        trail_events=0,
        trail_head="",
        time=now(),
        author=case.author,
        tool_version=__version__,
        is_signed=is_signed,
        template_sha256=template.sha256,
    )


def _recorded(
    manifest: ReportManifest, chosen: _Chosen, *, case: CaseSession, template: TemplateIdentity
) -> ReportManifest:
    """The manifest with the head of the trail, in which the writing is recorded where the case can be changed."""
    if case.info.read_only:
        return replace(manifest, trail_events=case.audit()[-1].seq)
    plan = chosen.record.plan
    details = {
        "file": manifest.file,
        "sha256": manifest.sha256,
        "size_bytes": manifest.size_bytes,
        "record_sha256": manifest.record_sha256,
        "revision": manifest.revision,
        "items": len(chosen.record.items),
        "parts": [part.value for part in plan.parts],
        "language": plan.language,
        "is_draft": chosen.record.is_draft,
        "is_signed": manifest.is_signed,
        "template": template.name,
        "template_sha256": template.sha256,
    }
    event = case.note(WRITTEN, subject=manifest.sha256, details=details)
    return replace(manifest, trail_events=event.seq, trail_head=event.sha256, time=event.time)

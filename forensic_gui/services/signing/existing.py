"""Sign a report that was written before: the file, the manifest beside it, and the case's trail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import CaseReadOnly, ReportError, RequestError
from forensic_gui.domain.reports.manifest import ReportManifest, manifest_beside
from forensic_gui.domain.reports.record import ReportRecord
from forensic_gui.services.case import CaseSession
from forensic_gui.services.case.record import now
from forensic_gui.services.checking.against_manifest import check_manifest, read_manifest
from forensic_gui.services.checking.checks import Verdict
from forensic_gui.services.checking.embedded import is_pdf, read_embedded
from forensic_gui.services.checking.signatures import Signature, read_signatures
from forensic_gui.services.checking.verify import read_report
from forensic_gui.services.checking.writings import SIGNED, vouching_event
from forensic_gui.services.reporting.contract import SignReport
from forensic_gui.storage.atomic import StagedFile


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report that was signed.

    Attributes:
        path: the file.
        sha256: of its bytes now.
        signature: the newest one.
        manifest_path: the manifest that was rewritten; None where there was none.
    """

    path: Path
    sha256: str
    signature: Signature
    manifest_path: Path | None

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "report": str(self.path),
            "sha256": self.sha256,
            "manifest": None if self.manifest_path is None else str(self.manifest_path),
            "signature": self.signature.to_record(),
        }


def sign_existing(path: Path, *, sign: SignReport, reason: str = "", case: CaseSession | None = None) -> SignedReport:
    """Sign a report in place, and say so in its manifest and its case.

    Args:
        path: the report, a PDF.
        sign: puts the signature in.
        reason: stands in the signature; "" for the revision's number.
        case: that wrote the report, and records the signature; None to sign what lies there, whoever wrote it.

    Raises:
        RequestError: the file is no PDF, or the case is another one.
        ReportError: the file is no report, not what its manifest says, or none that the case wrote; nothing was
            signed. Or it was exchanged while it was signed.
        SigningError: the signature could not be made; the file is as it was.
        CaseReadOnly: the case cannot record it; nothing was signed.
        CaseDamaged: the case's audit trail does not hold; nothing was signed.
        OutputError: a file could not be written.
    """
    data = read_report(path)
    if not is_pdf(data):
        raise RequestError(f"{path} is no PDF, and nothing else can be signed.")
    record = _require_record(data)
    manifest = _require_fitting(path, data)
    before = hashlib.sha256(data).hexdigest()
    if case is not None:
        _require_usable(case, record)
        _require_written(case, before)
    sign(path, reason=reason or _reason(record))
    signed = path.read_bytes()
    if not signed.startswith(data):  # a signature is put behind what it signs
        raise ReportError(f"{path} was exchanged while it was signed: that it was signed is recorded nowhere.")
    signature = read_signatures(signed)[-1]
    sha256 = hashlib.sha256(signed).hexdigest()
    if manifest is not None:
        manifest = replace(manifest, sha256=sha256, size_bytes=len(signed), is_signed=True, time=now())
    if case is not None:
        details = {"file": path.name, "sha256": sha256, "before": before, "signer": signature.signer,
                   "certificate_sha256": signature.certificate_sha256,
                   "time_stamp": None if signature.stamp is None else signature.stamp.time}  # fmt: skip
        event = case.note(SIGNED, subject=sha256, details=details)
        if manifest is not None:
            manifest = replace(manifest, trail_events=event.seq, trail_head=event.sha256, author=case.author)
    return SignedReport(path, sha256, signature, None if manifest is None else _write(manifest, beside=path))


def _require_record(data: bytes) -> ReportRecord:
    embedded = read_embedded(data)
    if embedded.record is None or embedded.problem:
        raise ReportError(f"{embedded.problem} It was not signed.")
    return embedded.record


def _require_fitting(path: Path, data: bytes) -> ReportManifest | None:
    """The report's manifest, which it has to fit: what was altered is not vouched for."""
    beside = manifest_beside(path)
    manifest = read_manifest(beside)
    for check in check_manifest(data, name=path.name, manifest=manifest, beside=beside):
        if check.verdict is Verdict.WRONG:
            raise ReportError(f"{check.sentence} It was not signed.")
    return manifest


def _require_usable(case: CaseSession, record: ReportRecord) -> None:
    if case.info.id != record.case.id:
        raise RequestError(f"The report is of another case, {record.case.name}; it was not signed.")
    if case.info.read_only:
        raise CaseReadOnly(f"The signature could not be recorded in the case: {case.info.read_only}")


def _require_written(case: CaseSession, sha256: str) -> None:
    """See that the case wrote these very bytes: its trail would seem to vouch for whatever is signed in its name."""
    if vouching_event(case.audit(), sha256) is None:
        raise ReportError(
            "The case recorded no writing of this very file, so it was not signed in its name: write the report anew "
            "from the case, or take the file that was written. Without --case what lies there can be signed, and the "
            "signer alone stands for it."
        )


def _reason(record: ReportRecord) -> str:
    what = "draft" if record.issue is None else f"revision {record.issue.number}"
    return f"Report of the case {record.case.name}, {what}"


def _write(manifest: ReportManifest, *, beside: Path) -> Path:
    path = manifest_beside(beside)
    with StagedFile(path) as staged:
        staged.write(manifest.to_json().encode("ascii"))
    staged.commit()
    return path

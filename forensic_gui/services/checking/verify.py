"""Whether a report is what was written: every check there is, of everything that is at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensic_gui.domain.errors import ReportError
from forensic_gui.domain.reports.manifest import ReportManifest, manifest_beside
from forensic_gui.services.case import CaseSession
from forensic_gui.services.checking import against_manifest, of_signatures
from forensic_gui.services.checking.against_case import CASE, WRITING, check_case
from forensic_gui.services.checking.against_manifest import (
    check_manifest,
    check_manifest_of_record,
    read_manifest,
    require_named,
)
from forensic_gui.services.checking.checks import Check, Verdict, holds, not_checked, wrong
from forensic_gui.services.checking.embedded import EmbeddedRecord, read_embedded
from forensic_gui.services.checking.of_signatures import check_signatures
from forensic_gui.services.checking.of_template import check_template
from forensic_gui.services.checking.signatures import Signature, read_trusted

VERIFIED = "report verified"
REPORT_LIMIT_BYTES = 2 << 30

_RECORD, _PROTECTION = "record", "protection"
_VOUCHERS = frozenset({WRITING, of_signatures.SIGNER})


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """A report, and what came of checking it.

    Attributes:
        path: the file.
        sha256: of its bytes.
        size_bytes: number of them.
        record_sha256: of the record that it embeds; "" where there is none.
        checks: in the order in which they were made.
        signatures: of the file.
    """

    path: Path
    sha256: str
    size_bytes: int
    record_sha256: str
    checks: tuple[Check, ...]
    signatures: tuple[Signature, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong. What could not be checked is not wrong; it is not right either."""
        return all(check.verdict is not Verdict.WRONG for check in self.checks)

    @property
    def is_vouched_for(self) -> bool:
        """Whether somebody is known to stand behind the file: a signer who is trusted, or the case that wrote it."""
        return any(check.subject in _VOUCHERS and check.verdict is Verdict.HOLDS for check in self.checks)

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "report": str(self.path),
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "record_sha256": self.record_sha256,
            "is_sound": self.is_sound,
            "is_vouched_for": self.is_vouched_for,
            "checks": [check.to_record() for check in self.checks],
            "signatures": [signature.to_record() for signature in self.signatures],
        }


def verify_report(
    path: Path,
    *,
    case: CaseSession | None = None,
    trust: Sequence[Path] = (),
    manifest_path: Path | None = None,
) -> VerifiedReport:
    """Check a report against its manifest, its own record, its signatures and its case.

    The check is recorded in the case where that can be changed. No network is asked.

    Args:
        path: the report, PDF or HTML.
        case: that it was made of; None where it is not at hand.
        trust: files with certificates (PEM or DER) that are trusted.
        manifest_path: the manifest, which must be there then; None for the one beside the report.

    Raises:
        RequestError: there is no manifest where it was said to be.
        ReportError: the file cannot be read.
        SigningError: a trusted certificate cannot be read.
    """
    if manifest_path is not None:
        require_named(manifest_path)
    data = read_report(path)
    trusted = read_trusted([_read(each) for each in trust]) if trust else ()
    beside = manifest_path or manifest_beside(path)
    manifest, checks = _manifest(data, name=path.name, beside=beside)
    embedded, of_record = _record(data)
    checks += of_record
    if manifest is not None and embedded is not None:
        checks += check_manifest_of_record(manifest, embedded)
    signatures, of_signature = check_signatures(data, manifest=manifest, trusted=trusted)
    checks += of_signature
    sha256 = hashlib.sha256(data).hexdigest()
    checks += _against_case(case, sha256=sha256, embedded=embedded, manifest=manifest)
    checks += _protection(checks, has_case=case is not None)
    record_sha256 = "" if embedded is None else embedded.sha256
    verified = VerifiedReport(path, sha256, len(data), record_sha256, tuple(checks), signatures)
    if case is not None and not case.info.read_only:
        case.note(VERIFIED, subject=sha256, details=_details(verified))
    return verified


def read_report(path: Path) -> bytes:
    """The bytes of a report.

    Raises:
        ReportError: it cannot be read, or is longer than any report.
    """
    try:
        if path.stat().st_size > REPORT_LIMIT_BYTES:
            raise ReportError(f"{path} is longer than any report, so it was not read.")
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror or error}.") from error


def _manifest(data: bytes, *, name: str, beside: Path) -> tuple[ReportManifest | None, list[Check]]:
    try:
        manifest = read_manifest(beside)
    except ReportError as error:
        return None, [wrong(against_manifest.SUBJECT, str(error))]
    return manifest, check_manifest(data, name=name, manifest=manifest, beside=beside)


def _record(data: bytes) -> tuple[EmbeddedRecord | None, list[Check]]:
    try:
        embedded = read_embedded(data)
    except ReportError as error:
        return None, [wrong(_RECORD, str(error))]
    if embedded.record is None:
        checks = [not_checked(_RECORD, embedded.problem)]
    elif embedded.problem:
        checks = [wrong(_RECORD, embedded.problem)]
    else:
        checks = [holds(_RECORD, f"The report embeds its record, and the record is understood: {embedded.sha256}.")]
    if not embedded.prints_hash:
        checks.append(wrong(_RECORD, "The first page prints another hash than that of the record in the file."))
    return embedded, checks


def _against_case(
    case: CaseSession | None, *, sha256: str, embedded: EmbeddedRecord | None, manifest: ReportManifest | None
) -> list[Check]:
    if case is None:
        unnamed = not_checked(CASE, "No case was named (--case), so the report was not compared with one.")
        return [*check_template(manifest), unnamed]
    return check_case(case, sha256=sha256, embedded=embedded, manifest=manifest)


def _protection(checks: Sequence[Check], *, has_case: bool) -> list[Check]:
    """A file that nothing speaks for is not sound, whatever it says of itself.

    A manifest can be written anew by whoever alters the file: where the case is at hand, it is the case that speaks.
    """
    speak = (of_signatures.SUBJECT, WRITING, *(() if has_case else (against_manifest.SUBJECT,)))
    if any(check.subject.startswith(speak) and check.verdict is not Verdict.NOT_CHECKED for check in checks):
        return []
    return [
        wrong(
            _PROTECTION,
            "Nothing protects this file: it has no signature that could be checked, "
            f"{'' if has_case else 'no manifest beside it, '}and no case says that it was written. Whether it was "
            "altered cannot be told.",
        )
    ]


def _details(verified: VerifiedReport) -> dict[str, Any]:
    return {
        "file": verified.path.name,
        "record_sha256": verified.record_sha256,
        "is_sound": verified.is_sound,
        "wrong": [check.sentence for check in verified.checks if check.verdict is Verdict.WRONG],
    }

"""What signatures are worth, as checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from forensic_gui.domain.errors import SigningError
from forensic_gui.domain.reports.manifest import ReportManifest
from forensic_gui.services.checking.checks import Check, holds, not_checked, wrong
from forensic_gui.services.checking.embedded import is_pdf
from forensic_gui.services.checking.signatures import Signature, SignatureReadError, TimeStamp, read_signatures

SUBJECT, SIGNER, STAMP = "signature", "signer", "time stamp"

# What a signature cannot do without; the structure may be so damaged that readers see none.
_TRACE = b"/ByteRange"


def check_signatures(
    data: bytes, *, manifest: ReportManifest | None, trusted: Sequence[Any]
) -> tuple[tuple[Signature, ...], list[Check]]:
    """The signatures of a report, and what they are worth.

    Args:
        data: bytes of the report.
        manifest: of it; None without one.
        trusted: certificates of `signatures.read_trusted`.
    """
    if not is_pdf(data):
        return (), [not_checked(SUBJECT, "A report in HTML carries no signature.")]
    try:
        signatures = read_signatures(data, trusted=trusted)
    except SignatureReadError as error:
        return (), [wrong(SUBJECT, str(error))]
    except SigningError as error:
        return (), [not_checked(SUBJECT, str(error))]
    if not signatures:
        return (), [_none(data, manifest)]
    return signatures, [check for each in signatures for check in _checks(each)]


def _none(data: bytes, manifest: ReportManifest | None) -> Check:
    if manifest is not None and manifest.is_signed:
        return wrong(SUBJECT, "The manifest says that the report was signed, and there is no signature in it.")
    if _TRACE in data:
        return wrong(SUBJECT, "There was a signature in the file, and it cannot be found any more: it was altered.")
    return not_checked(SUBJECT, "The report is not signed.")


def _checks(signature: Signature) -> list[Check]:
    subject = f"{SUBJECT} {signature.field}"
    if signature.faults:
        return [wrong(subject, " ".join(signature.faults))]
    covered = "covers the whole file" if signature.covers_file else "covers the file before it was signed again"
    claimed = f", at {signature.claimed_time} by the signer's own clock" if signature.claimed_time else ""
    found = [holds(subject, f"It is intact and {covered}{claimed}."), _signer(signature)]
    if signature.unproven:
        names = "; ".join(signature.unproven)
        found.append(not_checked(subject, f"Further certificates in it, which nothing covers: {names}."))
    return [*found, _stamp(signature.stamp)]


def _signer(signature: Signature) -> Check:
    who = (
        f"{signature.signer}; certificate of {signature.issuer}, valid from {signature.valid_from} until "
        f"{signature.valid_until}, SHA-256 {signature.certificate_sha256}."
    )
    alone = " It is self-signed: it vouches for nobody." if signature.is_self_signed else ""
    if signature.is_trusted is None:
        return not_checked(SIGNER, f"{who}{alone} Whom to trust was not said (--trust).")
    if not signature.is_trusted:
        return wrong(SIGNER, f"{who}{alone} It does not lead to a certificate that is trusted here{_ended(signature)}.")
    return holds(SIGNER, f"{who} It leads to a certificate that is trusted here; revocation was not looked up.")


def _ended(signature: Signature) -> str:
    """What else it can be that makes a certificate count for nothing, a clause."""
    if datetime.fromisoformat(signature.valid_until) > datetime.now(UTC):
        return ""
    return ", or did so once: it ran out, and no time stamp that is trusted says that the signature is older"


def _stamp(stamp: TimeStamp | None) -> Check:
    if stamp is None:
        return not_checked(STAMP, "There is none: nobody but the signer says when the report was signed.")
    said = f"{stamp.service} says that the signature was there at {stamp.time}."
    if stamp.is_trusted is None:
        return not_checked(STAMP, f"{said} It fits; whether to trust this service was not said (--trust).")
    if not stamp.is_trusted:
        return wrong(STAMP, f"{said} Its certificate does not lead to one that is trusted here.")
    return holds(STAMP, said)

"""Signatures of a PDF, read as its receiver must: nothing is believed that is not covered."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from forensic_gui.domain.errors import SigningError
from forensic_gui.services.checking.container import inspect_container
from forensic_gui.services.signing.keys import SIGNING_USAGES, require_pyhanko


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """The word of a time-stamping service that a signature was there at a time.

    Attributes:
        time: ISO 8601 in UTC with offset.
        service: subject of its certificate.
        is_trusted: whether its certificate leads to one that the caller trusts; None where none was named.
    """

    time: str
    service: str
    is_trusted: bool | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and what is wrong with it.

    Attributes:
        field: name of its field.
        signer: subject of the certificate.
        issuer: who issued the certificate.
        is_self_signed: whether that is the signer; such a certificate vouches for nobody.
        certificate_sha256: of the certificate.
        valid_from: of the certificate, ISO 8601.
        valid_until: of the certificate, ISO 8601.
        is_trusted: whether the certificate leads to one that the caller trusts; None where none was named.
        reason: as it stands in the signature.
        claimed_time: when it was made, as the signer's computer had it, ISO 8601; "" where it does not say.
        stamp: of a time-stamping service; None without.
        covers_file: whether it covers every byte of the file.
        unproven: subjects of certificates beside the signer's whose issuer is not at hand, so that nothing covers
            them.
        faults: what is wrong with it, a sentence each; empty where it holds.
    """

    field: str
    signer: str
    issuer: str
    is_self_signed: bool
    certificate_sha256: str
    valid_from: str
    valid_until: str
    is_trusted: bool | None
    reason: str
    claimed_time: str
    stamp: TimeStamp | None
    covers_file: bool
    unproven: tuple[str, ...]
    faults: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "unproven": list(self.unproven), "faults": list(self.faults)}


class SignatureReadError(SigningError):
    """The file's structure is damaged, so that no signature of it can be read."""


def read_trusted(files: Sequence[bytes]) -> tuple[Any, ...]:
    """Certificates that the caller trusts, of PEM or DER.

    Raises:
        SigningError: one is no certificate, or pyHanko is not installed.
    """
    require_pyhanko()
    from asn1crypto import pem, x509

    try:
        found: list[Any] = []
        for data in files:
            blocks = [block for _, _, block in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
            found += [x509.Certificate.load(block, strict=True) for block in blocks]
        for certificate in found:
            _ = certificate.native  # parses lazily: what is no certificate shows only here
    except (ValueError, TypeError) as error:
        raise SigningError(f"A trusted certificate cannot be read: {error}.") from error
    return tuple(found)


def read_signatures(pdf: bytes, *, trusted: Sequence[Any] = ()) -> tuple[Signature, ...]:
    """The signatures of a PDF, the oldest first. Asks no network: revocation is not looked up.

    Args:
        pdf: bytes of the file.
        trusted: certificates of `read_trusted`; the operating system's own are never taken.

    Raises:
        SignatureReadError: the file cannot be read as a PDF.
        SigningError: pyHanko is not installed.
    """
    require_pyhanko()
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        embedded = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures
        return tuple(
            _signature(each, pdf, trusted=trusted, is_newest=index == len(embedded))
            for index, each in enumerate(embedded, start=1)
        )
    except Exception as error:  # a file that was tampered with makes its reader fail in any way there is
        said = str(error) or type(error).__name__
        raise SignatureReadError(
            f"The file's signatures cannot be read ({said}): it was altered, or holds one that is not known."
        ) from error


def _signature(embedded: Any, pdf: bytes, *, trusted: Sequence[Any], is_newest: bool) -> Signature:
    status = _status(embedded, trusted, moment=None)
    stamp = _stamp(status.timestamp_validity, trusted)
    moment = datetime.now(UTC)
    if stamp is not None and stamp.is_trusted:
        # The certificate may have run out since: what counts is the time at which the signature was there for sure.
        moment = datetime.fromisoformat(stamp.time)
        status = _status(embedded, trusted, moment=moment)
    container = inspect_container(embedded, pdf, trusted=trusted)
    certificate = embedded.signer_cert
    claimed = embedded.self_reported_timestamp
    return Signature(
        field=str(embedded.field_name),
        signer=certificate.subject.human_friendly,
        issuer=certificate.issuer.human_friendly,
        is_self_signed=certificate.self_issued,
        certificate_sha256=certificate.sha256.hex(),
        valid_from=certificate.not_valid_before.isoformat(),
        valid_until=certificate.not_valid_after.isoformat(),
        is_trusted=bool(status.trusted) and _may_sign(certificate, moment) if trusted else None,
        reason=str(embedded.sig_object.get("/Reason", "")),
        claimed_time="" if claimed is None else claimed.isoformat(),
        stamp=stamp,
        covers_file=_covers(embedded, pdf),
        unproven=container.unproven,
        faults=(*_faults(embedded, status, pdf, is_newest=is_newest), *container.faults),
    )


def _status(embedded: Any, trusted: Sequence[Any], *, moment: datetime | None) -> Any:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    # Roots are named one by one: without any, pyHanko would take those of the operating system.
    context = ValidationContext(trust_roots=list(trusted), allow_fetching=False, moment=moment)
    usage = KeyUsageConstraints(key_usage=set(SIGNING_USAGES))
    return validate_pdf_signature(embedded, context, context, key_usage_settings=usage)


def _stamp(status: Any, trusted: Sequence[Any]) -> TimeStamp | None:
    if status is None:
        return None
    return TimeStamp(
        time=status.timestamp.isoformat(),
        service=status.signing_cert.subject.human_friendly,
        is_trusted=bool(status.trusted) and _may_stamp(status.signing_cert) if trusted else None,
    )


def _may_sign(certificate: Any, moment: datetime) -> bool:
    """Whether a certificate is valid and for signing; pyHanko asks neither of one that is trusted by itself."""
    usage = certificate.key_usage_value
    is_for_it = usage is None or not SIGNING_USAGES.isdisjoint(usage.native)
    return is_for_it and bool(certificate.not_valid_before <= moment <= certificate.not_valid_after)


def _may_stamp(certificate: Any) -> bool:
    """Whether a certificate is one of a time-stamping service; pyHanko does not ask it of one that is trusted."""
    usage = certificate.extended_key_usage_value
    return usage is not None and "time_stamping" in usage.native


def _covers(embedded: Any, pdf: bytes) -> bool:
    """Whether the signed ranges and the hole for the signature are the file, with nothing beside."""
    start, first, second, length = (int(number) for number in embedded.byte_range)
    return start == 0 and first < second and second + length == len(pdf)


def _faults(embedded: Any, status: Any, pdf: bytes, *, is_newest: bool) -> list[str]:
    faults: list[str] = []
    if not status.intact:
        faults.append("Bytes that were signed were altered.")
    if not status.valid:
        faults.append("The signature does not fit its certificate.")
    if status.valid and _is_weak(status):
        faults.append("It rests on an algorithm that is no longer safe.")
    if is_newest and not _covers(embedded, pdf):
        faults.append("Something was added to the file after it was signed.")
    if not is_newest and not status.docmdp_ok:
        faults.append("What was added to the file after it was signed is more than further signatures.")
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.intact and stamp.valid):
        faults.append("Its time stamp is not of this signature, or was altered.")
    return faults


def _is_weak(status: Any) -> bool:
    from pyhanko.sign.ades.report import AdESIndeterminate

    weak = {AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE, AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE}
    return status.trust_problem_indic in weak

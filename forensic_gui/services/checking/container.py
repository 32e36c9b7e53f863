"""The container of a signature: the one part of a signed file that its signature cannot cover.

A signature stands in a hole of the bytes that it signs. What the hole holds beside the signed values (digits of either
case, zeros behind, numbers that readers ignore) could be altered with no reader noticing, so it has to be written in
the one way in which a signer writes it (RFC 5652, sections 5.1 and 5.3; ISO 32000-2, 12.8.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forensic_gui.services.signing.binding import bound_hashes

_HOLE = re.compile(rb"<(?:[0-9a-f]*|[0-9A-F]*)>")
_STAMP = "signature_time_stamp_token"
_MALFORMED = "The signature's container is not as a signer writes it: bytes in it were altered."
_MISMATCHED = "A certificate in the signature's container is not what was signed: {subject}."


@dataclass(frozen=True, slots=True)
class Container:
    """What was looked at of a signature's container.

    Attributes:
        faults: what is wrong with it, a sentence each.
        unproven: subjects of further certificates in it whose issuer is not there, so that nothing covers them.
    """

    faults: tuple[str, ...]
    unproven: tuple[str, ...]


def inspect_container(embedded: Any, pdf: bytes, *, trusted: Sequence[Any] = ()) -> Container:
    """Look at the container of a signature.

    Args:
        embedded: pyHanko's reading of the signature.
        pdf: bytes of the file.
        trusted: certificates that count as issuers beside those in the container.
    """
    signed = embedded.signed_data
    tokens = _tokens(signed)
    parts = [signed, *(tokens or ())]
    sound = tokens is not None and _is_hole(embedded, pdf) and all(map(_is_strict, parts))
    faults = [] if sound else [_MALFORMED]
    unproven: list[str] = []
    for part in parts:
        wrong, open_ones = _certificates(part, trusted)
        faults += [_MISMATCHED.format(subject=subject) for subject in wrong]
        unproven += open_ones
    return Container(tuple(faults), tuple(unproven))


def _is_hole(embedded: Any, pdf: bytes) -> bool:
    """Whether the hole holds the signature in hexadecimal digits, zeros behind it, and nothing else."""
    from asn1crypto import cms

    _, first, second, _ = (int(number) for number in embedded.byte_range)
    hole = pdf[first:second]
    if _HOLE.fullmatch(hole) is None or len(hole) % 2:
        return False
    content = bytes.fromhex(hole[1:-1].decode("ascii"))
    container: bytes = cms.ContentInfo.load(content).dump(force=True)
    is_filled_up = not content[len(container) :].strip(b"\0")
    return content == embedded.pkcs7_content and content.startswith(container) and is_filled_up


def _is_strict(signed: Any) -> bool:
    """Whether the numbers that readers ignore are those that the standard demands."""
    signer = signed["signer_infos"][0]
    algorithms = [each["algorithm"].native for each in signed["digest_algorithms"]]
    by_name = signer["sid"].name == "issuer_and_serial_number"
    holds_data = signed["encap_content_info"]["content_type"].native == "data"
    return (
        len(signed["signer_infos"]) == 1
        and signer["version"].native == ("v1" if by_name else "v3")
        and signed["version"].native == ("v1" if by_name and holds_data else "v3")
        and algorithms == [signer["digest_algorithm"]["algorithm"].native]
        and (not by_name or _names_signer(signed, signer["sid"].chosen))
    )


def _names_signer(signed: Any, named: Any) -> bool:
    """Whether the signer's certificate is named letter by letter: readers take capitals and small letters as equal."""
    issuers = [each.chosen.issuer.dump() for each in signed["certificates"] if _has_serial(each, named)]
    return bool(named["issuer"].dump() in issuers)


def _has_serial(certificate: Any, named: Any) -> bool:
    return bool(certificate.chosen.serial_number == named["serial_number"].native)


def _tokens(signed: Any) -> list[Any] | None:
    """Signed data of the time stamps; None where something else lies where no signature covers it."""
    unsigned = signed["signer_infos"][0]["unsigned_attrs"]
    attributes = tuple(unsigned) if unsigned.native else ()
    if any(attribute["type"].native != _STAMP for attribute in attributes):
        return None
    return [value["content"] for attribute in attributes for value in attribute["values"]]


def _certificates(signed: Any, trusted: Sequence[Any]) -> tuple[list[str], list[str]]:
    """Subjects of certificates that their issuer did not sign as they are, and of those that nothing covers.

    A certificate is covered by the signature that names its hash, or by its issuer's where the issuer is there. The
    signer's own always is one that a signature names.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    held = [x509.load_der_x509_certificate(each.chosen.dump()) for each in signed["certificates"]]
    known = [*held, *(x509.load_der_x509_certificate(each.dump()) for each in trusted)]
    serial = _serial_of_signer(signed)
    bound = bound_hashes(signed["signer_infos"][0])
    wrong: list[str] = []
    unproven: list[str] = []
    for certificate in held:
        is_signers = not bound and certificate.serial_number == serial
        if is_signers or certificate.fingerprint(hashes.SHA256()) in bound:
            continue
        issuers = [each for each in known if each.subject == certificate.issuer]
        if not issuers and len(bound) < 2:
            unproven.append(certificate.subject.rfc4514_string())
        elif len(bound) > 1 or not any(_is_issued(certificate, issuer) for issuer in issuers):
            # A signer who names more certificates than the own one names all.
            wrong.append(certificate.subject.rfc4514_string())
    return wrong, unproven


def _is_issued(certificate: Any, issuer: Any) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _serial_of_signer(signed: Any) -> int | None:
    sid = signed["signer_infos"][0]["sid"]
    return sid.chosen["serial_number"].native if sid.name == "issuer_and_serial_number" else None

"""The container of a signature: the one part of a signed file that its signature cannot cover.

A signature stands in a hole of the bytes that it signs. What the hole holds beside the signed values (digits of either
case, zeros behind, numbers that readers ignore) could be altered with no reader noticing, so it has to be written in
the one way in which a signer writes it (RFC 5652, sections 5.1 and 5.3; ISO 32000-2, 12.8.1).
"""

from __future__ import annotations

import re
from typing import Any

_HOLE = re.compile(rb"<(?:[0-9a-f]*|[0-9A-F]*)>")
_MALFORMED = "The signature's container is not as a signer writes it: bytes in it were altered."


def container_faults(embedded: Any, pdf: bytes) -> tuple[str, ...]:
    """What is wrong with the container of a signature, a sentence each.

    Args:
        embedded: pyHanko's reading of the signature.
        pdf: bytes of the file.
    """
    return () if _is_hole(embedded, pdf) and _is_strict(embedded.signed_data) else (_MALFORMED,)


def _is_hole(embedded: Any, pdf: bytes) -> bool:
    """Whether the hole holds the signature in hexadecimal digits, zeros behind it, and nothing else."""
    _, first, second, _ = (int(number) for number in embedded.byte_range)
    hole = pdf[first:second]
    if _HOLE.fullmatch(hole) is None or len(hole) % 2:
        return False
    content = bytes.fromhex(hole[1:-1].decode("ascii"))
    container = _container(content)
    return (
        content == embedded.pkcs7_content
        and content.startswith(container)
        and not content[len(container) :].strip(b"\0")
    )


def _container(content: bytes) -> bytes:
    """The container in DER, without the zeros that fill the hole up."""
    from asn1crypto import cms

    encoded: bytes = cms.ContentInfo.load(content).dump(force=True)
    return encoded


def _is_strict(signed: Any) -> bool:
    """Whether the numbers that readers ignore are those that the standard demands."""
    signer = signed["signer_infos"][0]
    algorithms = [each["algorithm"].native for each in signed["digest_algorithms"]]
    return (
        len(signed["signer_infos"]) == 1
        and signer["version"].native == ("v1" if signer["sid"].name == "issuer_and_serial_number" else "v3")
        and algorithms == [signer["digest_algorithm"]["algorithm"].native]
    )

"""The protocol as the client sees it: framing, and answers turned into values of the domain.

The child parses hostile bytes, so its answers are checked like any input.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from forensic_gui.domain.errors import (
    EvidenceDamaged,
    EvidenceEmpty,
    EvidenceError,
    EvidenceNotReadable,
    EvidenceTooLarge,
    PageNotFound,
    UnsupportedFormat,
)
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.metadata import Metadata

PROTOCOL = 1
_LENGTH = struct.Struct(">I")
_LONGEST_ANSWER = 1 << 20
_LONGEST_RECORD = 8 << 20
_LONGEST_THUMBNAIL = 1 << 20

ERRORS: Mapping[str, type[EvidenceError]] = {
    "not_readable": EvidenceNotReadable,
    "empty": EvidenceEmpty,
    "unsupported": UnsupportedFormat,
    "damaged": EvidenceDamaged,
    "too_large": EvidenceTooLarge,
    "page_not_found": PageNotFound,
}


class ProtocolError(Exception):
    """The child answered something that is not of the protocol."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """The bytes were read and hashed; nothing has parsed them yet."""

    sha256: str
    size_bytes: int
    modified_utc: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PixelsReady:
    """The pixels lie in the shared file.

    Attributes:
        shape: (rows, columns, 3).
        facts: how they were made.
        seconds: seconds of the decode.
    """

    shape: tuple[int, int, int]
    facts: DecodeFacts
    seconds: float


@dataclass(frozen=True, slots=True)
class MetadataReady:
    """What the file says of itself lies in the shared file: the record, and behind it the embedded thumbnail."""

    record_bytes: int
    thumbnail_bytes: int


Answer = Hashed | PixelsReady | MetadataReady | EvidenceError


def frame(message: Mapping[str, Any]) -> bytes:
    """One message as it travels."""
    body = json.dumps(message).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: IO[bytes]) -> dict[str, Any] | None:
    """Next message of a blocking, buffered stream; None at its end.

    Raises:
        ProtocolError: the bytes are no message.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _LONGEST_ANSWER:
        raise ProtocolError(f"an answer of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError as error:
        raise ProtocolError("an answer that is not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("an answer that is not an object")
    return message


def parse_answer(message: Mapping[str, Any]) -> Answer:
    """Turn a message into a value.

    Raises:
        ProtocolError: a field is missing or has no sense.
    """
    try:
        return _PARSERS[message["event"]](message)
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"an answer out of protocol ({error!r})") from error


def parse_metadata(data: bytes) -> Metadata:
    """The metadata of a record's bytes.

    Raises:
        ProtocolError: they are no record.
    """
    try:
        return Metadata.from_record(json.loads(data))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"metadata out of protocol ({error!r})") from error


def _hashed(message: Mapping[str, Any]) -> Hashed:
    sha256 = str(message["sha256"])
    if len(bytes.fromhex(sha256)) != 32:
        raise ValueError("not a SHA-256")
    return Hashed(sha256, int(message["size_bytes"]), str(message["modified_utc"]), float(message["seconds"]))


def _pixels_ready(message: Mapping[str, Any]) -> PixelsReady:
    size = Size(int(message["width"]), int(message["height"]))
    return PixelsReady((*size.shape, 3), _facts(message["facts"]), float(message["seconds"]))


def _metadata_ready(message: Mapping[str, Any]) -> MetadataReady:
    ready = MetadataReady(int(message["record_bytes"]), int(message["thumbnail_bytes"]))
    if not 0 <= ready.record_bytes <= _LONGEST_RECORD or not 0 <= ready.thumbnail_bytes <= _LONGEST_THUMBNAIL:
        raise ValueError(f"metadata of {ready.record_bytes} and {ready.thumbnail_bytes} bytes")
    return ready


def _refused(message: Mapping[str, Any]) -> EvidenceError:
    return ERRORS[message["kind"]](str(message["sentence"]))


def _facts(fields: Mapping[str, Any]) -> DecodeFacts:
    return DecodeFacts(
        format=str(fields["format"]),
        decoder=str(fields["decoder"]),
        decoder_version=str(fields["decoder_version"]),
        stored=Size(int(fields["width"]), int(fields["height"])),
        orientation=Orientation(fields["orientation"]),
        mode=str(fields["mode"]),
        bit_depth=int(fields["bit_depth"]),
        pages=int(fields["pages"]),
        page=int(fields["page"]),
        choices=tuple(str(choice) for choice in fields["choices"]),
        warnings=tuple(str(warning) for warning in fields["warnings"]),
        parameters=_parameters(fields["parameters"]),
        jpeg_quality=_jpeg_quality(fields["jpeg_quality"]),
        names_camera=_yes_or_no(fields["names_camera"]),
    )


def _jpeg_quality(value: Any) -> int | None:
    if value is not None and not 1 <= int(value) <= 100:
        raise ValueError("no JPEG quality")
    return None if value is None else int(value)


def _yes_or_no(value: Any) -> bool | None:
    if not isinstance(value, bool | None):
        raise TypeError("neither yes nor no")
    return value


def _parameters(fields: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    if not all(isinstance(value, str | int | float | bool) for value in fields.values()):
        raise ValueError("a parameter that is no plain value")
    return dict(fields)


_PARSERS: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
    "hashed": _hashed,
    "decoded": _pixels_ready,
    "metadata": _metadata_ready,
    "refused": _refused,
}

"""Reading metadata: whatever the parsers do, the file stays evidence."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol

from forensic_gui.domain.errors import DecoderCrashed, DecodeTimedOut
from forensic_gui.domain.metadata import Metadata
from forensic_gui.services.progress import CancelToken
from forensic_gui.services.reporting.contract import ReadMetadata

PARSER = "ExifRead"


class MetadataSource(Protocol):
    """Reads metadata out of this process: `services.decoding.DecoderProcess`."""

    def metadata(self, path: Path, *, cancel: CancelToken | None = None) -> tuple[str, Metadata, bytes]:
        """SHA-256 of the bytes, what they say, and the embedded thumbnail or b"".

        Raises:
            EvidenceError: the file cannot be read, or the process ended over it or took too long.
            Cancelled: stopping was asked for.
        """
        ...


def read_metadata(
    path: Path, *, source: MetadataSource, cancel: CancelToken | None = None
) -> tuple[str, Metadata, bytes]:
    """What a file says of itself; a parser that ends or hangs over it gives a warning in place of its answer.

    Args:
        path: evidence file.
        source: reads it.
        cancel: looked at while waiting.

    Returns:
        SHA-256 of the bytes that were read, what they say, and the embedded thumbnail or b"".

    Raises:
        EvidenceError: the file cannot be read.
        Cancelled: stopping was asked for.
    """
    try:
        return source.metadata(path, cancel=cancel)
    except DecodeTimedOut as late:
        if late.sha256 is None:
            raise
        return late.sha256, _unread("Reading the metadata took too long and was stopped."), b""
    except DecoderCrashed as crash:
        if crash.sha256 is None:
            raise
        return crash.sha256, _unread("The process that read the metadata ended over this file."), b""


def metadata_reader(source: MetadataSource) -> ReadMetadata:
    """The port that reports read metadata through."""
    return partial(read_metadata, source=source)


def _unread(warning: str) -> Metadata:
    return Metadata(parser=PARSER, parser_version="", warnings=(warning,))

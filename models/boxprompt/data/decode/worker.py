"""The decoder as a child process: `python -I -m boxprompt.data.decode.worker`.

Protocol, version 1. Every message is a 4-byte big-endian length and that many bytes of JSON. Standard input carries
one `start` message and then requests, one at a time; standard output carries the answers and nothing else. Pixels
travel in a file that the parent opened without a name (shared memory where the system has it) and that this process
inherits, so that nothing is left behind however either side ends.

start     {"protocol": 1, "pixels": descriptor, "max_bytes": n, "max_pixels": n, "max_memory_bytes": n | null,
           "allow_truncated": bool, "timeout_s": seconds}
request   {"path": text, "page": n, "max_side_px": n | null}
          {"path": text, "metadata": true}
answers   {"event": "hashed", "sha256": hex, "size_bytes": n, "modified_utc": text, "seconds": s}, then one of
          {"event": "decoded", "height": n, "width": n, "facts": {...}, "seconds": s}
          {"event": "metadata", "record_bytes": n, "thumbnail_bytes": n, "seconds": s}: the file holds the record as
          JSON, and behind it the embedded thumbnail
          {"event": "refused", "kind": word, "sentence": text} (also in place of "hashed")

The process ends when its standard input does.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import struct
import sys
import time
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from boxprompt.contracts import RgbImage
from boxprompt.data.decode import confine
from boxprompt.data.decode.contract import DecodeRefused, Limits, Refusal
from boxprompt.data.decode.core import decode_bytes
from boxprompt.data.decode.reading import read_evidence

PROTOCOL = 1
_LENGTH = struct.Struct(">I")
# Beyond the parent's own limit, so that it never comes first while the parent lives.
_GRACE_S = 10.0
_MOST_NATIVE_BYTES = 16_384


class Channel:
    """Framed JSON on the standard streams, taken away from everything else in this process."""

    def __init__(self, *, requests: FileIO, answers: FileIO) -> None:
        self._requests = requests
        self._answers = answers

    @classmethod
    def from_standard_streams(cls) -> Channel:
        """Take both streams over; a C library that prints then prints into the void."""
        requests = FileIO(os.dup(0), "rb")
        answers = FileIO(os.dup(1), "wb")
        void = os.open(os.devnull, os.O_RDWR)
        os.dup2(void, 0)
        os.dup2(void, 1)
        os.close(void)
        return cls(requests=requests, answers=answers)

    def receive(self) -> dict[str, Any] | None:
        """Next message, or None when the other side is gone."""
        head = self._read_exactly(_LENGTH.size)
        body = self._read_exactly(_LENGTH.unpack(head)[0]) if head else None
        if body is None:
            return None
        message: dict[str, Any] = json.loads(body)
        return message

    def send(self, message: dict[str, Any]) -> None:
        """Write one message whole."""
        body = json.dumps(message).encode("ascii")
        _write_all(self._answers, memoryview(_LENGTH.pack(len(body)) + body))

    def _read_exactly(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            part = self._requests.read(count - len(parts))
            if not part:
                return None
            parts += part
        return bytes(parts)


class NativeMessages:
    """What C libraries write on standard error, when the parent made that a file."""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor
        self._captured = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def forget(self) -> None:
        """Start a new decode with an empty record."""
        if self._captured:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)

    def __call__(self) -> tuple[str, ...]:
        """Lines written since `forget`."""
        if not self._captured:
            return ()
        end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        text = os.read(self._descriptor, _MOST_NATIVE_BYTES).decode("utf-8", "replace")
        os.lseek(self._descriptor, end, os.SEEK_SET)
        return tuple(text.splitlines())


def main(arguments: Sequence[str] = ()) -> int:
    """Serve requests until standard input ends; return the exit status.

    Args:
        arguments: none are understood; a frozen program's entry point hands its own on.
    """
    if arguments:
        raise ValueError(f"the decoder's worker takes no arguments, got {list(arguments)}")
    confine.ignore_interrupts()
    confine.forbid_core_dumps()
    channel = Channel.from_standard_streams()
    start = channel.receive()
    if start is None:
        return 0
    if start["protocol"] != PROTOCOL:
        raise ValueError(f"this worker speaks protocol {PROTOCOL}, not {start['protocol']}")
    if start["max_memory_bytes"] is not None:
        confine.limit_memory(start["max_memory_bytes"])
    limits = Limits(
        max_bytes=start["max_bytes"], max_pixels=start["max_pixels"], allow_truncated=start["allow_truncated"]
    )
    shared = _inherited_file(start["pixels"])
    messages = NativeMessages()
    while (request := channel.receive()) is not None:
        messages.forget()
        with confine.dies_after(start["timeout_s"] + _GRACE_S):
            channel.send(_answer(request, channel=channel, limits=limits, shared=shared, messages=messages))
    return 0


def _answer(
    request: dict[str, Any], *, channel: Channel, limits: Limits, shared: FileIO, messages: NativeMessages
) -> dict[str, Any]:
    """Hash, decode and lay the pixels down; the last answer to a request."""
    try:
        began = time.perf_counter()
        file = read_evidence(Path(request["path"]), max_bytes=limits.max_bytes)
        hashed = time.perf_counter()
        channel.send(
            {
                "event": "hashed",
                "sha256": file.sha256,
                "size_bytes": len(file.data),
                "modified_utc": file.modified_utc,
                "seconds": hashed - began,
            }
        )
        if request.get("metadata"):
            return _metadata(file.data, shared=shared, began=hashed)
        decoded = decode_bytes(
            file.data,
            name=Path(request["path"]).name,
            page=request["page"],
            max_side_px=request["max_side_px"],
            limits=limits,
            native_messages=messages,
        )
        _lay_down(decoded.pixels, shared)
    except DecodeRefused as refusal:
        return {"event": "refused", "kind": refusal.kind.value, "sentence": refusal.sentence}
    except MemoryError:
        sentence = "Reading it needs more memory than the limit allows."
        return {"event": "refused", "kind": Refusal.TOO_LARGE.value, "sentence": sentence}
    facts = dataclasses.asdict(decoded.facts)
    height, width, _ = decoded.pixels.shape
    seconds = time.perf_counter() - hashed
    return {"event": "decoded", "height": height, "width": width, "facts": facts, "seconds": seconds}


def _metadata(data: bytes, *, shared: FileIO, began: float) -> dict[str, Any]:
    """Read what the file says of itself, and lay it down: it may be longer than an answer."""
    # Here so that decoding does not wait for the imports.
    from boxprompt.data.metadata import read_metadata

    found = read_metadata(data)
    record = json.dumps(found.record).encode("ascii")
    shared.seek(0)
    _write_all(shared, memoryview(record + found.thumbnail))
    return {
        "event": "metadata",
        "record_bytes": len(record),
        "thumbnail_bytes": len(found.thumbnail),
        "seconds": time.perf_counter() - began,
    }


def _lay_down(pixels: RgbImage, shared: FileIO) -> None:
    shared.seek(0)
    _write_all(shared, memoryview(pixels.data).cast("B"))


def _write_all(stream: FileIO, view: memoryview) -> None:
    while len(view):
        view = view[stream.write(view) :]


def _inherited_file(number: int) -> FileIO:
    if sys.platform == "win32":
        import msvcrt

        number = msvcrt.open_osfhandle(number, os.O_RDWR | os.O_BINARY)
    return FileIO(number, "r+b")


if __name__ == "__main__":
    sys.exit(main())

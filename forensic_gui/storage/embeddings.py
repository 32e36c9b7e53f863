"""A cache on disk of what a segmenter computed of an image: signed, capped in bytes, never trusted.

An entry is used only where everything it was made of is what is asked for, and where it carries the signature of this
user's secret over every byte; anything else is removed, and the embedding computed anew. What lies here shows coarsely
what the images show, so that folder and files are the user's alone.

An entry is: magic, length of the header (little-endian uint32), header (JSON: the key, and name, dtype and shape of
each array), the arrays' bytes in C order and little-endian, and an HMAC-SHA256 (RFC 2104) of all that comes before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import math
import os
import secrets
import stat
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.errors import OutputError
from forensic_gui.domain.geometry import Orientation
from forensic_gui.storage.atomic import StagedFile, output_error

Arrays = Mapping[str, NDArray[Any]]

DEFAULT_CAP_BYTES = 2 << 30
SECRET_BYTES = 32

_MAGIC = b"FGEMBED\x01"
_LENGTH = struct.Struct("<I")
_SIGNATURE_BYTES = hashlib.sha256().digest_size
_SUFFIX = ".embedding"
_ABANDONED_S = 3600.0
_KINDS = frozenset("biuf")


@dataclass(frozen=True, slots=True)
class EmbeddingKey:
    """Everything that determines an embedding.

    Attributes:
        pixels_sha256: of the image, from `pixels_sha256`.
        weights_sha256: of the checkpoint.
        parameters: the rest: which network, its input side, dtype, version of the preprocessing, device, runtime.
    """

    pixels_sha256: str
    weights_sha256: str
    parameters: Mapping[str, str | int | float | bool]

    def to_record(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "pixels_sha256": self.pixels_sha256,
            "weights_sha256": self.weights_sha256,
            "parameters": dict(self.parameters),
        }

    @property
    def name(self) -> str:
        """Name of the entry's file: a hash over all fields."""
        return hashlib.sha256(_json(self.to_record())).hexdigest() + _SUFFIX


def pixels_sha256(pixels: NDArray[np.uint8], *, orientation: Orientation) -> str:
    """SHA-256 of an image as a network sees it: its bytes, its shape and how it is turned.

    Args:
        pixels: uint8 (H, W, 3), stored orientation.
        orientation: EXIF orientation.
    """
    digest = hashlib.sha256(repr((pixels.dtype.str, pixels.shape, int(orientation))).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


class EmbeddingCache:
    """Embeddings on disk; several processes may share the folder. Calls from several threads are safe.

    The least recently used entries go first where the cap is reached.
    """

    def __init__(self, folder: Path, *, secret: Callable[[], bytes], cap_bytes: int = DEFAULT_CAP_BYTES) -> None:
        """Prepare; nothing is created.

        Args:
            folder: the cache's own; created at the first entry, for this user alone.
            secret: gives the bytes that sign entries, as `read_secret` of a path; called when they are needed, and
                may raise OutputError.
            cap_bytes: most that all entries may take together.
        """
        self._folder = folder
        self._secret = secret
        self._cap_bytes = cap_bytes

    def load(self, key: EmbeddingKey) -> Arrays | None:
        """The arrays stored for a key, the caller's own; None where there are none.

        An entry that is not exactly what this cache wrote for this key is removed.
        """
        path = self._folder / key.name
        try:
            data = _read_regular(path, most=self._cap_bytes)
            arrays = self._open(data, key)
        except FileNotFoundError:
            return None
        except OutputError:  # no secret, so that nothing here can be ours
            return None
        except (OSError, _NotOursError):
            _remove(path)
            return None
        with contextlib.suppress(OSError):  # a cache that cannot be written to is still read
            os.utime(path)
        return arrays

    def store(self, key: EmbeddingKey, arrays: Arrays) -> None:
        """Keep arrays for a key; what is larger than the whole cache is not kept.

        Args:
            key: what they were made of.
            arrays: numeric, by name; stored without loss.

        Raises:
            OutputError: there is no secret, or the file system refused; no entry is lost.
        """
        header = _header(key, arrays)
        size = len(header) + sum(array.nbytes for array in arrays.values()) + _SIGNATURE_BYTES
        if size > self._cap_bytes:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
        except OSError as error:
            raise output_error(self._folder, error) from error
        signing = hmac.new(self._secret(), digestmod=hashlib.sha256)
        with StagedFile(self._folder / key.name) as file:
            for part in (header, *(_bytes_of(array) for array in arrays.values())):
                signing.update(part)
                file.write(part)
            file.write(signing.digest())
            self._make_room(size, keep=key.name)
        file.commit()

    def size_bytes(self) -> int:
        """Bytes that all entries take together."""
        return sum(entry.size_bytes for entry in self._entries())

    def clear(self) -> None:
        """Remove every entry."""
        for entry in self._entries():
            _remove(entry.path)

    def _open(self, data: bytes, key: EmbeddingKey) -> Arrays:
        """Arrays of an entry's bytes; the signature is checked before anything is parsed."""
        signed, signature = memoryview(data)[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(hmac.digest(self._secret(), signed, "sha256"), signature):
            raise _NotOursError
        return _parse(signed, key)

    def _make_room(self, needed: int, *, keep: str) -> None:
        entries = sorted(self._entries(), key=lambda entry: entry.used)
        # An entry of the same name is replaced, not added to.
        total = needed + sum(entry.size_bytes for entry in entries if entry.path.name != keep)
        for entry in entries:
            if total <= self._cap_bytes:
                return
            if entry.path.name != keep:
                _remove(entry.path)
                total -= entry.size_bytes

    def _entries(self) -> list[_Entry]:
        """Entries as they lie there now; what a killed process left unfinished long ago is removed on the way."""
        found: list[_Entry] = []
        try:
            with os.scandir(self._folder) as listing:
                for item in listing:
                    with contextlib.suppress(FileNotFoundError):  # another process made room
                        facts = item.stat(follow_symlinks=False)
                        if item.name.endswith(_SUFFIX):
                            found.append(_Entry(Path(item.path), facts.st_size, facts.st_mtime_ns))
                        elif item.name.endswith(".part") and time.time() - facts.st_mtime > _ABANDONED_S:
                            _remove(Path(item.path))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise output_error(self._folder, error) from error
        return found


def read_secret(path: Path) -> bytes:
    """The secret that signs this user's embeddings, made at random where there is none that only the user can read.

    A new secret makes every older entry unusable, which costs its computation and nothing else.

    Raises:
        OutputError: there is none, and none can be written.
    """
    found = _private_secret(path)
    return found if found is not None else _new_secret(path)


def _private_secret(path: Path) -> bytes | None:
    try:
        secret = _read_regular(path, most=SECRET_BYTES, private=True)
    except OSError:
        return None
    return secret if len(secret) == SECRET_BYTES else None


def _new_secret(path: Path) -> bytes:
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            _put(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise output_error(path, error) from error
    # Where two processes meet, one secret lies there in the end: both must sign with that one.
    settled = _private_secret(path)
    if settled is None:
        raise OutputError(f"{path} cannot be kept from other users' eyes, so that no embedding can be signed.")
    return settled


def _put(beside: Path, path: Path) -> None:
    """Give a new secret its name, unless another process was first; one that is of no use makes way."""
    if _private_secret(path) is None:
        path.unlink(missing_ok=True)
    try:
        path.hardlink_to(beside)  # unlike a rename, refused where there is one by now
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        beside.replace(path)


class _NotOursError(Exception):
    """An entry that this cache did not write for this key."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    size_bytes: int
    used: int


def _header(key: EmbeddingKey, arrays: Arrays) -> bytes:
    for name, array in arrays.items():
        if array.dtype.kind not in _KINDS:
            raise ValueError(f"{name} is of {array.dtype}, which is no plain number")
    described = [[name, _stored(array.dtype).str, list(array.shape)] for name, array in arrays.items()]
    header = _json({"key": key.to_record(), "arrays": described})
    return _MAGIC + _LENGTH.pack(len(header)) + header


def _parse(signed: memoryview, key: EmbeddingKey) -> Arrays:
    """Arrays of signed bytes; they are ours, but may be of another key or an older form."""
    start = len(_MAGIC) + _LENGTH.size
    if bytes(signed[: len(_MAGIC)]) != _MAGIC or len(signed) < start:
        raise _NotOursError
    (length,) = _LENGTH.unpack(signed[len(_MAGIC) : start])
    try:
        header = json.loads(bytes(signed[start : start + length]))
        if header["key"] != json.loads(_json(key.to_record())):
            raise _NotOursError
        arrays: dict[str, NDArray[Any]] = {}
        at = start + length
        for name, dtype, shape in header["arrays"]:
            if min(shape, default=0) < 0:  # numpy reads «all the rest» of it
                raise _NotOursError
            count = math.prod(shape)
            arrays[name] = np.frombuffer(signed, np.dtype(dtype), count=count, offset=at).reshape(shape).copy()
            at += arrays[name].nbytes
    except (ValueError, KeyError, TypeError) as error:
        raise _NotOursError from error
    if at != len(signed):
        raise _NotOursError
    return arrays


def _bytes_of(array: NDArray[Any]) -> bytes:
    return array.astype(_stored(array.dtype), order="C", copy=False).tobytes()


def _stored(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def _read_regular(path: Path, *, most: int, private: bool = False) -> bytes:
    """Bytes of a regular file that is no link.

    Raises:
        OSError: it is anything else, larger than `most`, cannot be read, or (`private`) others could read it.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_LINKS | _NO_WAIT | _BINARY)
    try:
        facts = os.fstat(descriptor)
        seen = private and os.name == "posix" and (facts.st_mode & 0o077 or facts.st_uid != os.getuid())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most or seen:
            raise OSError(f"{path} is not what this program wrote")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    # What cannot be removed is refused again the next time.
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)

"""Archives: a folder's files in one ZIP with a manifest of their hashes, and back, believing nothing.

The manifest comes first and names every other member with its size and SHA-256. Reading refuses what a folder must
not hold (absolute paths, `..`, drives, streams, links, duplicates in any case of letters), whatever the manifest does
not name, and anything larger than it states, before or while it is written. What is read is staged beside its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from forensic_gui.domain.errors import ArchiveRefused, OutputError
from forensic_gui.storage.atomic import StagedFile, output_error, sync_names

MANIFEST_NAME = "manifest.json"
MANIFEST_SCHEMA = "forensic-gui.archive/1"
MOST_MANIFEST_BYTES = 256 << 20
MOST_MEMBERS = 2_000_000
MOST_RATIO = 100
"""Most that an archive unpacks to, in its own size: deflate reaches a thousand, photographs and databases a few."""
ALWAYS_UNPACKED_BYTES = 64 << 20
"""What is unpacked whatever its ratio."""

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
# One part of a member's path: no separators, drives, streams, controls, or names that Windows takes for devices.
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_VALUES_A_MEMBER = 3
_VALUES_BESIDE = 1000  # of a manifest, beside those of its members
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
# What zipfile and zlib raise on members that are not what the directory says.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)

OnBytes = Callable[[int, int], None]
"""Told (bytes done, bytes in all) now and then; may raise `Cancelled`."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        name: path within the archive, its parts separated by "/".
        size_bytes: number of bytes.
        sha256: lower-case hexadecimal SHA-256.
    """

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds.

    Attributes:
        about: JSON values that describe the whole.
        members: every file beside the manifest, in order of name.
    """

    about: Mapping[str, Any]
    members: tuple[Member, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all members."""
        return sum(member.size_bytes for member in self.members)

    @property
    def sha256(self) -> str:
        """SHA-256 of the manifest as `pack` writes it, which binds every member by its own hash."""
        return hashlib.sha256(_manifest_bytes(self)).hexdigest()


def pack(
    archive: Path,
    files: Mapping[str, Path],
    *,
    about: Mapping[str, Any],
    check: Callable[[Member], None] = lambda _: None,
    on_bytes: OnBytes = lambda _done, _total: None,
) -> Manifest:
    """Write files into one archive; it is there whole or not at all.

    Args:
        archive: where to; what is there is replaced.
        files: path of each file by its name within the archive.
        about: JSON values for the manifest.
        check: given every member before anything is written; raises where one must not be packed.
        on_bytes: told how far it is, twice the files' bytes in all: they are hashed, then written.

    Raises:
        OutputError: a file cannot be read, or the archive not be written.
        ArchiveRefused: a name that no archive may hold, or a file that changed while it was packed.
    """
    for name in files:
        _require_name(name)
    try:
        total = 2 * sum(path.stat().st_size for path in files.values())
        meter = _Meter(total, on_bytes)
        manifest = Manifest(about, tuple(_measure(name, files[name], meter) for name in sorted(files)))
        for member in manifest.members:
            check(member)
        with StagedFile(archive) as staged:
            _write(staged, manifest, files, meter)
        staged.commit()
    except OSError as error:
        raise output_error(archive, error) from error
    return manifest


def read_manifest(archive: Path) -> Manifest:
    """Read what an archive says it holds, and compare it with its directory. No member is unpacked.

    Raises:
        ArchiveRefused: it is no archive of this kind, or holds what it must not.
    """
    with _opened(archive) as (zipped, manifest):
        _require_agreement(zipped, manifest)
        return manifest


def unpack(archive: Path, folder: Path, *, on_bytes: OnBytes = lambda _done, _total: None) -> Manifest:
    """Unpack an archive into a folder that does not exist yet; it is there whole, its hashes checked, or not at all.

    What was unpacked is on the disk; that the folder itself is called so, its caller sees to.

    Args:
        archive: written by `pack`.
        folder: where to; made. Also used for staging: callers choose a hidden place and rename it.
        on_bytes: told how far it is.

    Raises:
        ArchiveRefused: it is no archive of this kind, holds what it must not, or is not what its manifest says.
        OutputError: the folder exists, or cannot be written.
    """
    with _opened(archive) as (zipped, manifest):
        infos = _require_agreement(zipped, manifest)
        _require_room(folder, manifest)
        try:
            folder.mkdir()
        except OSError as error:
            raise output_error(folder, error) from error
        meter = _Meter(manifest.size_bytes, on_bytes)
        try:
            for member in manifest.members:
                _extract(zipped, infos[member.name], member, folder, meter)
            for path, _, _ in os.walk(folder, topdown=False):
                sync_names(Path(path))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return manifest


class _Meter:
    def __init__(self, total: int, on_bytes: OnBytes) -> None:
        self._done, self._total, self._on_bytes = 0, total, on_bytes

    def add(self, count: int) -> None:
        self._done += count
        self._on_bytes(self._done, self._total)


def _measure(name: str, path: Path, meter: _Meter) -> Member:
    hashed, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        for chunk in _chunks(stream):
            hashed.update(chunk)
            size += len(chunk)
            meter.add(len(chunk))
    return Member(name, size, hashed.hexdigest())


def _write(staged: StagedFile, manifest: Manifest, files: Mapping[str, Path], meter: _Meter) -> None:
    # Photographs are compressed already; what is not is small beside them.
    with zipfile.ZipFile(_Unseekable(staged), "w", zipfile.ZIP_STORED, allowZip64=True) as zipped:
        with zipped.open(_info(MANIFEST_NAME), "w") as stream:
            stream.write(_manifest_bytes(manifest))
        for member in manifest.members:
            hashed = hashlib.sha256()
            with files[member.name].open("rb") as source, zipped.open(_info(member.name), "w", force_zip64=True) as out:
                for chunk in _chunks(source):
                    hashed.update(chunk)
                    out.write(chunk)
                    meter.add(len(chunk))
            if hashed.hexdigest() != member.sha256:
                raise ArchiveRefused(
                    f"{files[member.name]} changed while it was packed; nothing was written. Try again."
                )


class _Unseekable:
    """A staged file as zipfile wants it: written from front to back."""

    def __init__(self, staged: StagedFile) -> None:
        self._staged = staged

    def write(self, data: bytes) -> int:
        self._staged.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here; leaving the staged file flushes it."""

    def close(self) -> None:
        """The staged file is closed by who opened it."""


def _info(name: str) -> zipfile.ZipInfo:
    # A fixed time and plain permissions: the archive says nothing of this machine.
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _manifest_bytes(manifest: Manifest) -> bytes:
    record = {
        "schema": MANIFEST_SCHEMA,
        "about": dict(manifest.about),
        "members": [[member.name, member.size_bytes, member.sha256] for member in manifest.members],
    }
    return json.dumps(record, ensure_ascii=True, allow_nan=False, indent=1).encode("ascii")


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest; whatever its bytes make the readers raise is told in a sentence."""
    try:
        with archive.open("rb") as stream, zipfile.ZipFile(stream) as zipped:
            manifest = _parse_manifest(zipped, archive)
            _require_ratio(manifest, archive, packed_bytes=os.fstat(stream.fileno()).st_size)
            yield zipped, manifest
    except _DAMAGED as error:
        raise ArchiveRefused(f"{archive} is no archive of a case, or is damaged: {error}.") from error
    except OSError as error:
        raise ArchiveRefused(f"{archive} cannot be read: {error.strerror or error}.") from error


def _parse_manifest(zipped: zipfile.ZipFile, archive: Path) -> Manifest:
    if MANIFEST_NAME not in zipped.namelist():
        raise ArchiveRefused(f"{archive} has no {MANIFEST_NAME}: it is no archive of a case.")
    info = zipped.getinfo(MANIFEST_NAME)
    _require_plain(info)
    with zipped.open(info) as stream:
        data = stream.read(MOST_MANIFEST_BYTES + 1)
    if len(data) > MOST_MANIFEST_BYTES:
        raise ArchiveRefused(f"The manifest of {archive} is larger than any case needs; it is not read.")
    containers, values = data.count(b"[") + data.count(b"{"), data.count(b",")
    if containers > MOST_MEMBERS + _VALUES_BESIDE or values > MOST_MEMBERS * _VALUES_A_MEMBER + _VALUES_BESIDE:
        raise ArchiveRefused(f"The manifest of {archive} holds more values than any case needs; it is not read.")
    try:
        record = json.loads(data)
        if record["schema"] != MANIFEST_SCHEMA:
            raise ArchiveRefused(f"{archive} was written in a form this version does not know: {record['schema']!r}.")
        members = tuple(_parse_member(each) for each in record["members"])
        about = dict(record["about"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ArchiveRefused(f"The manifest of {archive} cannot be understood ({error}).") from error
    if len(members) > MOST_MEMBERS:
        raise ArchiveRefused(f"{archive} names {len(members)} files; more than {MOST_MEMBERS} are not unpacked.")
    return Manifest(about, members)


def _parse_member(record: Sequence[Any]) -> Member:
    name, size, sha256 = record
    if not (isinstance(name, str) and type(size) is int and size >= 0 and isinstance(sha256, str)):
        raise ValueError(f"a member that is none: {record!r:.80}")
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"a hash that is none: {sha256!r:.80}")
    _require_name(name)
    return Member(name, size, sha256)


def _require_name(name: str) -> None:
    parts = name.split("/")
    if not all(_PART.fullmatch(part) and not _DEVICES.fullmatch(part) and not part.endswith(".") for part in parts):
        raise ArchiveRefused(f"An archive may not hold a file named {name!r:.120}; nothing was unpacked.")


def _require_ratio(manifest: Manifest, archive: Path, *, packed_bytes: int) -> None:
    if manifest.size_bytes > max(ALWAYS_UNPACKED_BYTES, MOST_RATIO * packed_bytes):
        raise ArchiveRefused(
            f"{archive} would unpack to {manifest.size_bytes:,} bytes, more than {MOST_RATIO} times its own size; "
            "nothing was unpacked."
        )


def _require_plain(info: zipfile.ZipInfo) -> None:
    """Refuse links, folders, encrypted members and uncommon compression."""
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or info.is_dir():
        raise ArchiveRefused(f"{info.filename!r:.120} is a link or no plain file; nothing was unpacked.")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        raise ArchiveRefused(f"{info.filename!r:.120} is encrypted or packed in an uncommon way; nothing was unpacked.")


def _require_agreement(zipped: zipfile.ZipFile, manifest: Manifest) -> dict[str, zipfile.ZipInfo]:
    """Members by name, where directory and manifest name the same files, each once, with the same sizes."""
    infos: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in zipped.infolist():
        _require_name(info.filename)
        _require_plain(info)
        if info.filename.casefold() in folded:
            raise ArchiveRefused(f"The archive holds {info.filename!r:.120} twice; nothing was unpacked.")
        folded.add(info.filename.casefold())
        infos[info.filename] = info
    stated = {member.name: member for member in manifest.members}
    if len(stated) != len(manifest.members):
        raise ArchiveRefused("The manifest names a file twice; nothing was unpacked.")
    unnamed = sorted(infos.keys() - stated.keys() - {MANIFEST_NAME})
    missing = sorted(stated.keys() - infos.keys())
    if unnamed or missing or MANIFEST_NAME in stated:
        odd = (unnamed or missing or [MANIFEST_NAME])[0]
        raise ArchiveRefused(f"Archive and manifest do not agree about {odd!r:.120}; nothing was unpacked.")
    for name, member in stated.items():
        if infos[name].file_size != member.size_bytes:
            raise ArchiveRefused(f"{name!r:.120} is not of the size its manifest states; nothing was unpacked.")
    return infos


def _require_room(folder: Path, manifest: Manifest) -> None:
    try:
        free = shutil.disk_usage(folder.parent).free
    except OSError as error:
        raise output_error(folder, error) from error
    if manifest.size_bytes > free:
        raise OutputError(
            f"The archive unpacks to {manifest.size_bytes:,} bytes, but only {free:,} are free in {folder.parent}."
        )


def _extract(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, member: Member, folder: Path, meter: _Meter) -> None:
    path = folder.joinpath(*member.name.split("/"))
    hashed, left = hashlib.sha256(), member.size_bytes
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        out = path.open("xb")
    except OSError as error:
        raise output_error(path, error) from error
    with out, zipped.open(info) as source:
        # One byte more than stated is asked for, so that a member that goes on is noticed, never written.
        while chunk := source.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            hashed.update(chunk)
            _write_chunk(out, chunk, path)
            meter.add(len(chunk))
        _settle(out, path)
    if left != 0 or hashed.hexdigest() != member.sha256:
        raise ArchiveRefused(f"{member.name!r:.120} is not what the manifest states; nothing was unpacked.")


def _write_chunk(out: IO[bytes], chunk: bytes, path: Path) -> None:
    try:
        out.write(chunk)
    except OSError as error:
        raise output_error(path, error) from error


def _settle(out: IO[bytes], path: Path) -> None:
    try:
        out.flush()
        os.fsync(out.fileno())
    except OSError as error:
        raise output_error(path, error) from error


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk

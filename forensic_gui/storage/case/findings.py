"""Findings in the database, and their maps beside it: float32 as they were, under the hash of their file."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from forensic_gui.domain.audit import canonical_json
from forensic_gui.domain.case import StoredFinding
from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.storage.atomic import StagedFile, make_folder, sync_names
from forensic_gui.storage.case.folder import CaseFolder
from forensic_gui.storage.case.text import parsed

MOST_MAP_PIXELS = 64_000_000
"""Most values of all maps of one finding, four bytes each; three maps of the largest image have 38 million."""
MOST_MAPS = 100
MOST_RATIO = 200
"""Most that maps unpack to, in the size of their file: deflate reaches a thousand, scores of a network hardly two."""
ALWAYS_UNPACKED_BYTES = 64 << 20
"""What is unpacked whatever its ratio, as a map of one value."""

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_READ_ONLY = 0o444
# What NumPy and the ZIP reader raise on bytes that are no maps, which a case from somebody else may hold.
_NO_MAPS = (ValueError, TypeError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error, NotImplementedError)


def write_maps(folder: CaseFolder, maps: Mapping[str, NDArray[np.float32]]) -> str:
    """Keep maps, float32 (h, w) by name, in a file of their own; its hash, by which they are found.

    Raises:
        OutputError: the folder takes nothing more.
        CaseDamaged: the same maps were written before, and altered since.
        ValueError: a map is of another type, or they are more than are read again.
    """
    data = _packed(maps)
    sha256 = hashlib.sha256(data).hexdigest()
    place = folder.maps(sha256)
    if place.exists():
        if place.read_bytes() != data:
            raise CaseDamaged(f"{place} is not what was written there: move it away and analyze again.")
        return sha256
    make_folder(place.parent)
    with StagedFile(place, mode=_READ_ONLY) as staged:
        staged.write(data)
    staged.commit()
    sync_names(place.parent)
    return sha256


def read_maps(folder: CaseFolder, sha256: str) -> dict[str, NDArray[np.float32]]:
    """The maps kept under a hash, which is checked first.

    Raises:
        CaseDamaged: they are missing or altered.
    """
    place = folder.maps(sha256)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise CaseDamaged(
            f"{place} could not be read ({error.strerror}): restore it from a copy, or analyze again."
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CaseDamaged(f"{place} is not what was written there: restore it from a copy, or analyze again.")
    try:
        return _unpacked(data)
    except _NO_MAPS as error:
        raise CaseDamaged(f"{place} holds no maps: analyze again.") from error


def insert(connection: sqlite3.Connection, item_id: int, record: Mapping[str, Any], maps_sha256: str) -> StoredFinding:
    """Append a finding, JSON values of `domain.finding.Finding`; it becomes its item's newest."""
    text = canonical_json(record)
    cursor = connection.execute(
        "INSERT INTO finding (item_id, maps_sha256, record) VALUES (?, ?, ?)", (item_id, maps_sha256, text)
    )
    connection.execute(
        "UPDATE item SET share = ?, highest_score = ?, threshold = ? WHERE id = ?",
        (*_shown(record), item_id),
    )
    assert cursor.lastrowid is not None
    return StoredFinding(cursor.lastrowid, item_id, json.loads(text), maps_sha256)


def of_item(connection: sqlite3.Connection, item_id: int) -> tuple[StoredFinding, ...]:
    """An item's findings, the newest last."""
    rows = connection.execute("SELECT id, record, maps_sha256 FROM finding WHERE item_id = ? ORDER BY id", (item_id,))
    return tuple(StoredFinding(number, item_id, json.loads(record), sha256) for number, record, sha256 in rows)


def newest_of_item(connection: sqlite3.Connection, item_id: int) -> StoredFinding | None:
    """An item's newest finding; None without one.

    Raises:
        CaseDamaged: it cannot be read.
    """
    row = connection.execute(
        "SELECT id, record, maps_sha256 FROM finding WHERE item_id = ? ORDER BY id DESC LIMIT 1", (item_id,)
    ).fetchone()
    if row is None:
        return None
    number, text, sha256 = row
    try:
        return StoredFinding(number, item_id, parsed(text), sha256)
    except ValueError as error:
        raise CaseDamaged(f"Finding {number} cannot be read; restore the case from a copy.") from error


def all_maps(connection: sqlite3.Connection) -> set[str]:
    """Hashes of the maps of all findings."""
    return {sha256 for (sha256,) in connection.execute("SELECT DISTINCT maps_sha256 FROM finding")}


def newest_scores(connection: sqlite3.Connection, item_id: int) -> tuple[float, float, float] | tuple[None, None, None]:
    """(share, highest score, threshold) of an item's newest finding, as lists show them; of None without one.

    Raises:
        CaseDamaged: the finding cannot be read.
    """
    row = connection.execute(
        "SELECT record FROM finding WHERE item_id = ? ORDER BY id DESC LIMIT 1", (item_id,)
    ).fetchone()
    if row is None:
        return (None, None, None)
    try:
        return _shown(parsed(row[0]))
    except (ValueError, KeyError, TypeError) as error:
        raise CaseDamaged(
            f"The newest finding of item {item_id} cannot be read; restore the case from a copy."
        ) from error


def _shown(record: Mapping[str, Any]) -> tuple[float, float, float]:
    return record["share_over_threshold"], record["scores"]["maximum"], record["threshold"]


def _packed(maps: Mapping[str, NDArray[np.float32]]) -> bytes:
    """NumPy's npz: a ZIP of npy files in the order of their names, of one date; equal maps give equal bytes."""
    for name, values in maps.items():
        if values.dtype != np.float32 or values.ndim != 2:
            raise ValueError(f"map {name!r} is float32 (h, w), not {values.dtype} {values.shape}")
    pixels = sum(values.size for values in maps.values())
    if pixels > MOST_MAP_PIXELS:
        raise ValueError(f"{pixels} values of maps; more than {MOST_MAP_PIXELS} are not kept")
    data = _zipped(maps, zipfile.ZIP_DEFLATED)
    return data if _is_reasonable(pixels, packed_bytes=len(data)) else _zipped(maps, zipfile.ZIP_STORED)


def _zipped(maps: Mapping[str, NDArray[np.float32]], method: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(maps):
            array = io.BytesIO()
            np.lib.format.write_array(array, np.ascontiguousarray(maps[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), array.getvalue(), method, 1)
    return packed.getvalue()


def _is_reasonable(pixels: int, *, packed_bytes: int) -> bool:
    return 4 * pixels <= max(ALWAYS_UNPACKED_BYTES, MOST_RATIO * packed_bytes)


def _unpacked(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The maps of an npz that may come from somebody else; nothing is unpacked before its headers are read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if len(members) != len(archive.infolist()) or len(members) > MOST_MAPS:
            raise ValueError(f"{len(archive.infolist())} maps, or two of one name")
        if any(info.compress_type not in _METHODS or info.flag_bits & _ENCRYPTED for info in members.values()):
            raise ValueError("packed in another way than the case's own")
        pixels = sum(height * width for height, width in (_shape(archive, info) for info in members.values()))
        if pixels > MOST_MAP_PIXELS or not _is_reasonable(pixels, packed_bytes=len(data)):
            raise ValueError(f"{pixels} values out of {len(data)} bytes")
        return {name: _map(archive, info) for name, info in members.items()}


def _shape(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[int, int]:
    with archive.open(info) as stream:
        return _read_header(stream)


def _read_header(stream: IO[bytes]) -> tuple[int, int]:
    if np.lib.format.read_magic(stream) != (1, 0):  # the form of every array of two axes
        raise ValueError("this is no map")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype != np.dtype("<f4") or is_fortran or len(shape) != 2 or min(shape) < 0:
        raise ValueError(f"a map is float32 (h, w), not {dtype} {shape}")
    return shape[0], shape[1]


def _map(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[np.float32]:
    with archive.open(info) as stream:
        height, width = _read_header(stream)
        size = 4 * height * width
        data = stream.read(size + 1)
    if len(data) != size:
        raise ValueError("a map is not as large as it says")
    return np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(height, width)

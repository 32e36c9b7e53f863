"""Maps of findings on disk: what comes from somebody else's case is measured before it is unpacked."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forensic_gui.domain.errors import CaseDamaged
from forensic_gui.storage.case.findings import read_maps, write_maps
from forensic_gui.storage.case.folder import CaseFolder


@pytest.fixture
def folder(tmp_path: Path) -> CaseFolder:
    made = CaseFolder(tmp_path / "Harbour.case")
    made.derived.mkdir(parents=True)
    return made


def kept_maps(folder: CaseFolder, data: bytes) -> str:
    """Maps that somebody made up, under the hash of their own bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    place = folder.maps(sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    return sha256


def npz_that_states(
    shape: tuple[int, ...],
    values: bytes,
    *,
    dtype: str = "<f4",
    fortran: bool = False,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": fortran, "shape": shape})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("heatmap.npy", header.getvalue() + values)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ((8_001, 8_000), b""),  # more than is read of any finding
        ((4_200, 4_200), bytes(4 * 4_200 * 4_200)),  # 70 MB out of 70 KB
        ((2, 2), bytes(12)),
        ((2, 2), bytes(20)),
        ((-2, 2), b""),
        ((16,), bytes(64)),
    ],
    ids=["too many", "out of little", "too short", "too long", "negative", "one axis"],
)
def test_maps_that_are_not_what_their_header_says_or_swell_are_never_unpacked(
    folder: CaseFolder, shape: tuple[int, ...], values: bytes
) -> None:
    sha256 = kept_maps(folder, npz_that_states(shape, values))
    tracemalloc.start()
    try:
        with pytest.raises(CaseDamaged, match="holds no maps"):
            read_maps(folder, sha256)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("odd", [{"dtype": "<f8"}, {"fortran": True}, {"method": zipfile.ZIP_LZMA}])
def test_maps_in_another_form_than_the_cases_own_are_none(folder: CaseFolder, odd: dict[str, Any]) -> None:
    with pytest.raises(CaseDamaged, match="holds no maps"):
        read_maps(folder, kept_maps(folder, npz_that_states((2, 4), bytes(32), **odd)))


def test_large_maps_of_one_value_come_back(folder: CaseFolder) -> None:
    maps = {"heatmap": np.zeros((4_200, 4_200), dtype=np.float32)}
    kept = read_maps(folder, write_maps(folder, maps))
    assert np.array_equal(kept["heatmap"], maps["heatmap"])


def test_more_maps_than_are_read_are_not_kept(folder: CaseFolder) -> None:
    endless = np.broadcast_to(np.float32(0), (8_001, 8_000))
    with pytest.raises(ValueError, match="not kept"):
        write_maps(folder, {"heatmap": endless})

"""A small dataset with edits of known place and size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIDE = 20


def write_pair(folder: Path, stem: str, *, rows: int) -> None:
    """An image whose first `rows` rows are bright, and the mask that says so."""
    pixels = np.full((SIDE, SIDE, 3), 60, np.uint8)
    pixels[:rows] = 200
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:rows] = 255
    Image.fromarray(pixels).save(folder / "Tp" / f"{stem}.png")
    Image.fromarray(mask).save(folder / "Gt" / f"{stem}.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two splices and a copy-move (edits of 10, 50 and 5 %), of which two share a source, and two untouched images."""
    made = tmp_path / "made"
    for name in ("Tp", "Gt", "Au"):
        (made / name).mkdir(parents=True)
    write_pair(made, "Sp_D_NRN_A_ani0001_arc0002_0001", rows=2)
    write_pair(made, "Sp_D_NRN_A_ani0001_arc0003_0002", rows=10)
    write_pair(made, "Sp_S_NRN_A_art0009_art0009_0003", rows=1)
    for stem, level in (("Au_ani_0001", 60), ("Au_nat_0007", 200)):
        Image.new("RGB", (SIDE, SIDE), (level,) * 3).save(made / "Au" / f"{stem}.png")
    return made

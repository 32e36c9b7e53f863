"""Photographs, findings and regions for a case that a report is made of."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from forensic_gui.domain.annotation import Kind, Region, RegionDetails
from forensic_gui.domain.edits import AddRegion
from forensic_gui.domain.evidence import DecodeFacts, Evidence
from forensic_gui.domain.finding import ScoreSummary
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.services.rendering import summarize
from tests.forensic_gui.services.case.made_findings import finding

WIDE = Size(1280, 960)
TURNED = Size(120, 80)
THRESHOLD = 0.5
TIME = "2026-01-02T03:04:05.000+00:00"
_ORIENTATION = 0x0112


def put_photographs(case: CaseSession, folder: Path) -> None:
    """Items 1 to 3; see the fixture."""
    folder.mkdir()
    write_photograph(folder / "a-wide.jpg", WIDE)
    write_photograph(folder / "b-turned.jpg", TURNED, orientation=Orientation.ROTATED_90_CW)
    write_photograph(folder / "c-plain.png", Size(64, 48))
    case.add(sorted(folder.iterdir()))
    put_finding(case, 1, WIDE, corner_grid())
    put_finding(case, 2, TURNED, corner_grid(), orientation=Orientation.ROTATED_90_CW)
    draw(case, 1, box_mask(WIDE, left=0, top=0, width=400, height=200), region_id="r1")
    case.tag([1], add=["crane", "berth"])


def write_photograph(path: Path, size: Size, *, orientation: Orientation = Orientation.UPRIGHT) -> None:
    """Red at the left, blue at the right, darker towards the bottom."""
    Image.fromarray(gradient(size)).save(path, quality=92, exif=exif(orientation))


def exif(orientation: Orientation) -> bytes:
    tags = Image.Exif()
    tags[_ORIENTATION] = int(orientation)
    return tags.tobytes()


def gradient(size: Size) -> NDArray[np.uint8]:
    across = np.linspace(255, 0, size.width)[None, :, None] * np.array([1, 0, 0])
    across = across + np.linspace(0, 255, size.width)[None, :, None] * np.array([0, 0, 1])
    return (across * np.linspace(1, 0.5, size.height)[:, None, None]).astype(np.uint8)


def corner_grid() -> NDArray[np.float32]:
    """Scores of 0.9 in the top left quarter, 0.1 elsewhere: float32 (12, 16)."""
    grid = np.full((12, 16), 0.1, np.float32)
    grid[:6, :8] = 0.9
    return grid


def put_finding(
    case: CaseSession,
    item_id: int,
    size: Size,
    grid: NDArray[np.float32],
    *,
    orientation: Orientation = Orientation.UPRIGHT,
    summary: tuple[ScoreSummary, float] | None = None,
    **changes: Any,
) -> None:
    """A finding with one map, its figures those of the map (`summary`, where they are known already)."""
    facts = DecodeFacts("JPEG", "Pillow", "13.0.0", size, orientation, "RGB", 8)
    scores, share = summary or summarize(Heatmap(grid, size), threshold=THRESHOLD)
    item = case.item(item_id)
    evidence = Evidence(Path(item.source), item.sha256, item.size_bytes, item.modified_utc)
    figures = {"scores": scores, "threshold": THRESHOLD, "share_over_threshold": share}
    made = finding(case, item_id, facts, evidence=evidence, **figures, **changes)
    case.put_finding(item_id, made, {"heatmap": grid})


def draw(case: CaseSession, item_id: int, mask: Mask, *, region_id: str, source: Mask | None = None) -> None:
    """A region by hand."""
    details = RegionDetails("Ada", TIME, kind=Kind.SPLICE, note="the crane")
    index = len(case.annotation(item_id).annotation.regions)
    case.commit(item_id, AddRegion(Region(region_id, mask, details, source), index), label="Brush")


def box_mask(size: Size, *, left: int, top: int, width: int, height: int) -> Mask:
    inside = np.zeros(size.shape, np.bool_)
    inside[top : top + height, left : left + width] = True
    return Mask.of(inside)


def with_thumbnail(jpeg: bytes, thumbnail: bytes) -> bytes:
    """A JPEG whose EXIF carries another one (EXIF 2.32, IFD1, tags 0x0201 and 0x0202)."""
    tags = ((0x0103, 3, 6), (0x0201, 4, 8 + 6 + 42), (0x0202, 4, len(thumbnail)))
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    first, second = struct.pack("<HI", 0, 14), struct.pack("<H", len(tags))
    block = b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second + directory + bytes(4) + thumbnail
    return with_segment(jpeg, 0xE1, block)


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    """A JPEG with a segment right after its beginning."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg[2:]

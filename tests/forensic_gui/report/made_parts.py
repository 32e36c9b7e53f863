"""Made parts of reports' records: what was decoded, said by the file, found, drawn and measured; and pictures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.reports.pictures import Picture, PictureRef
from forensic_gui.domain.reports.plan import PictureKind
from forensic_gui.domain.reports.record import ModelMask, RegionFacts, WeightsFacts

SIZE = Size(451, 300)
WEIGHTS_SHA256 = hashlib.sha256(b"made weights").hexdigest()


def made_decoding() -> dict[str, Any]:
    return {
        "decoder": "Pillow",
        "decoder_version": "13.0.0; libjpeg-turbo 3.2.0",
        "decoder_parameters": {},
        "format": "JPEG",
        "width": SIZE.width,
        "height": SIZE.height,
        "view_width": SIZE.height,
        "view_height": SIZE.width,
        "orientation": 6,
        "mode": "RGB",
        "bit_depth": 8,
        "pages": 1,
        "page": 0,
        "jpeg_quality": 90,
        "names_camera": True,
        "choices": ["Read a second time by OpenCV 5.0.0 (libjpeg-turbo 3.1.2), for its report of damage only."],
        "warnings": ["2 bytes follow the end of the image."],
    }


def made_metadata(*, tags: Sequence[Sequence[str]] | None = None) -> dict[str, Any]:
    shown = [
        ["Image", "Make", "Canon"],
        ["Image", "Model", "EOS 80D"],
        ["Image", "Software", "Editor 12.1 (Windows)"],
        ["EXIF", "DateTimeOriginal", "2026:01:30 10:12:44"],
        ["EXIF", "ExposureTime", "1/250"],
        ["GPS", "GPSLatitude", "[53, 32, 1479/50]"],
    ]
    return {
        "parser": "ExifRead",
        "parser_version": "3.5.1",
        "tags": [list(tag) for tag in (shown if tags is None else tags)],
        "tables": [{"id": 0, "values": list(range(1, 65))}, {"id": 1, "values": [17] * 64}],
        "thumbnail": {
            "format": "JPEG",
            "width_px": 160,
            "height_px": 120,
            "size_bytes": 6021,
            "sha256": sha_of("thumbnail"),
        },
        "left_out": 3,
        "warnings": ["The maker's note could not be read."],
    }


def made_finding(name: str = "crane.jpg") -> dict[str, Any]:
    return {
        "schema": "forensic-gui.finding/1",
        "path": name,
        **made_decoding(),
        "weights_id": "boxprompt-joint",
        "weights_sha256": WEIGHTS_SHA256,
        "architecture": "boxprompt-joint",
        "device": "cpu",
        "runtime": "openvino 2026.4.1, torch 2.13.0",
        "views": "thorough",
        "tiles": 6,
        "parameters": {"dtype": "float32", "input_side_px": 224, "threads": 1, "tile_overlap_px": 56},
        "scores": {
            "minimum": 0.00047878921031951904,
            "maximum": 0.9020682573318481,
            "mean": 0.12683791509017114,
            "median": 0.05571068894483864,
            "p95": 0.5700160219729915,
            "p99": 0.8117494468604562,
        },
        "threshold": 0.5,
        "threshold_source": "weights card",
        "share_over_threshold": 0.0746,
        "calibration": {
            "method": "isotonic",
            "fitted_on": "development set",
            "images": 887,
            "prior": 0.0433,
            "error_before": 0.0519,
            "error_after": 0.0016,
            "knots": [[0.0, 0.002], [0.5, 0.26], [1.0, 0.99]],
        },
        "remarks": ["This image has 451×300 pixels; the weights were trained on images with a shorter side of 320."],
        "rendering": {},
        "outputs": {},
        "seconds": {"total": 0.371616},
        "tool": "forensic-gui",
        "tool_version": "0.1.0",
        "environment": {"machine": "x86_64", "numpy": "2.4.6", "python": "3.11.7", "system": "Linux-6.1"},
        "time": "2026-02-20T13:04:38.649+00:00",
    }


def made_mask() -> ModelMask:
    inside = np.zeros(SIZE.shape, dtype=np.bool_)
    inside[60:140, 100:220] = True
    drawn = Mask.of(inside)
    return ModelMask(
        threshold=0.5,
        area_px=drawn.area,
        runs=drawn.to_text(),
        heatmap_grid=(38, 57),
        heatmap_sha256=sha_of("grid"),
        coarse=((0, 400), (60_000, 12)),
    )


def made_region(region_id: str, *, kind: str = "splice", maker: str = "analyst", edited: bool = False) -> RegionFacts:
    inside = np.zeros(SIZE.shape, dtype=np.bool_)
    inside[50:130, 120:230] = True
    drawn = Mask.of(inside)
    by_tool = maker != "analyst"
    origin = {
        "maker": maker,
        "tool_id": "mobile-sam" if by_tool else "",
        "tool_sha256": sha_of("segmenter") if by_tool else "",
        "parameters": {},
        "edited": edited,
    }
    details = {
        "author": "Grace Hopper",
        "time": "2026-03-01T10:58:03.000+00:00",
        "kind": kind,
        "confidence": "medium",
        "note": "border of the crane's arm",
        "origin": origin,
        "prompts": {"box": [110, 40, 240, 140] if by_tool else None, "points": [], "scribbles": []},
    }
    source = drawn.to_text() if kind == "copy-move" else ""
    return RegionFacts(region_id, drawn.area, drawn.area / SIZE.pixels, drawn.to_text(), source, details)


def made_weights(**changes: Any) -> WeightsFacts:
    facts: dict[str, Any] = {
        "id": "boxprompt-joint",
        "sha256": WEIGHTS_SHA256,
        "card": made_card(),
        "is_validated": True,
        "error_rates": (made_error_rates("thorough"), made_error_rates("fast")),
    }
    return WeightsFacts(**{**facts, **changes})


def made_card() -> dict[str, Any]:
    estimate = {"value": 0.61, "low": 0.57, "high": 0.64, "n": 460}
    return {
        "id": "boxprompt-joint",
        "sha256": WEIGHTS_SHA256,
        "architecture": "boxprompt-joint",
        "threshold": 0.165,
        "threshold_origin": "the best single threshold over the manipulated images of the development set",
        "view_thresholds": {"thorough": 0.5},
        "domain": {"short_side_px": [256, 400], "jpeg_quality": [68, 99], "histories": ["JPEG once", "blurred"]},
        "training_data": [{"name": "photographs", "images": 1575, "terms": "Apache-2.0", "dataset_sha256": ""}],
        "code_commit": "d69af4b13e8d4e0abf7ebe405c3f9c4e57a25fd7",
        "licence": "Apache-2.0",
        "created": "2026-02-01",
        "parent": None,
        "scores": {"development set": {"pixel": {"n": 460, "f1_at_threshold": estimate, "auc": estimate}}},
        "limits": ["Recompression below quality 75 takes away much of what it finds."],
    }


def made_error_rates(view: str) -> dict[str, Any]:
    names = ("untouched_pixels", "untouched_images", "untouched_images_over_one_percent", "missed", "f1")
    measured = {name: [0.0218, 0.0084, 0.0384] for name in names}
    unmeasured = {**measured, "untouched_pixels": None}
    return {
        "weights_id": "boxprompt-joint",
        "weights_sha256": WEIGHTS_SHA256,
        "view": view,
        "threshold": 0.5,
        "dataset": "development set",
        "dataset_sha256": sha_of("data"),
        "manipulated_images": 25,
        "untouched_images": 23,
        "conditions": [
            {"condition": "undegraded", **measured},
            {"condition": "jpeg 70", **measured},
            {"condition": "social-small", **unmeasured},
        ],
    }


def sha_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class MadePictures:
    """A picture of every kind of every item but of those that could not be read; remembers what was asked for."""

    def __init__(self, *, missing: frozenset[int] = frozenset()) -> None:
        self.asked: list[PictureRef] = []
        self._missing = missing
        self._made: dict[PictureKind, Picture] = {}

    def get(self, ref: PictureRef) -> Picture | None:
        self.asked.append(ref)
        if ref.item_id in self._missing:
            return None
        if ref.kind not in self._made:
            self._made[ref.kind] = made_picture(ref.kind)
        return self._made[ref.kind]


def made_picture(kind: PictureKind) -> Picture:
    """A small picture whose colour tells its kind."""
    rows, columns = np.mgrid[0:120, 0:180]
    index = list(PictureKind).index(kind)
    channels = (columns + 25 * index, rows * 2, (rows + columns) // 2 + 40 * index)
    pixels = np.stack([channel % 256 for channel in channels], axis=-1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return Picture(out.getvalue(), "image/png", 180, 120)

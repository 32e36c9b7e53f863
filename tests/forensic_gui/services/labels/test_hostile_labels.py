"""Label files made to harm: refused in a sentence that names file and field, and nothing of them enters the case."""

from __future__ import annotations

import base64
import io
import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from forensic_gui.domain.errors import LabelsError
from forensic_gui.domain.geometry import Size
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels import polygons
from forensic_gui.services.labels.contract import ImportLabelsRequest
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.importing import import_labels
from forensic_gui.services.labels.jsonfile import read_json
from forensic_gui.services.labels.read_coco import read_coco
from forensic_gui.services.labels.read_labelme import read_labelme
from forensic_gui.services.labels.shapes import Outlines, PatchPng, RunLengths, rasterise

from .helpers import SIZE, PlainDecoder, photograph

SQUARE = [[1.0, 1.0], [4.0, 1.0], [4.0, 4.0]]


def labelme(**changes: Any) -> dict[str, Any]:
    shape = {"label": "splice", "points": SQUARE, "shape_type": "polygon", **changes.pop("shape", {})}
    record = {"version": "5.5.0", "shapes": [shape], "imagePath": "IMG.png", "imageData": None}
    return {**record, "imageWidth": SIZE.width, "imageHeight": SIZE.height, **changes}


def coco(*, image: dict[str, Any] | None = None, **annotation: Any) -> dict[str, Any]:
    stated = {"id": 1, "file_name": "IMG.png", "width": SIZE.width, "height": SIZE.height, **(image or {})}
    drawn = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 4, 1, 4, 4]], **annotation}
    return {"images": [stated], "annotations": [drawn], "categories": [{"id": 1, "name": "splice"}]}


def png(size: Size, value: int = 255) -> str:
    file = io.BytesIO()
    Image.fromarray(np.full(size.shape, value, np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


def bomb(width: int, height: int) -> str:
    """A PNG whose header promises far more than its few bytes hold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode("ascii")


MASK = {"shape_type": "mask", "points": [[1, 1], [4, 4]]}
RUNS = {"size": [SIZE.height, SIZE.width]}
HUGE = 10**400


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (labelme(imagePath="images/.."), "imagePath"),
        (labelme(imagePath="C:secret.png"), "imagePath"),
        (labelme(imagePath="secret\0.png"), "imagePath"),
        (labelme(imagePath="IMG.png:stream"), "imagePath"),
        (labelme(imagePath=""), "imagePath"),
        (labelme(imagePath=3), "imagePath"),
        (labelme(imagePath="a" * 5000), "imagePath"),
        (labelme(shapes={}), "shapes"),
        (labelme(shapes=[7]), r"shapes\[0\]"),
        (labelme(shape={"points": [[1, 1], [2, "x"], [3, 3]]}), r"shapes\[0\].points"),
        (labelme(shape={"points": [[1, 1], [2, True], [3, 3]]}), r"shapes\[0\].points"),
        (labelme(shape={"points": [[1, 1], [2, HUGE], [3, 3]]}), r"shapes\[0\].points"),
        (labelme(shape={"points": [[1, 1], [2, 1e300], [3, 3]]}), r"shapes\[0\].points"),
        (labelme(shape={"points": [[1, 1], [2, 2]]}), r"shapes\[0\].points"),
        (labelme(shape={"shape_type": "spline"}), r"shapes\[0\].shape_type"),
        (labelme(shape={"label": None}), r"shapes\[0\].label"),
        (labelme(shape={"group_id": "x"}), r"shapes\[0\].group_id"),
        (labelme(shape={**MASK, "points": [[4, 4], [1, 1]], "mask": "x"}), r"shapes\[0\].points"),
        (labelme(shape={**MASK, "points": [[1, 1], [4, 2**22]], "mask": "x"}), r"shapes\[0\].points"),
        (labelme(shape=MASK), r"shapes\[0\].mask"),
        (labelme(imageData="not base64!"), "imageData"),
        (labelme(imageWidth=-3), "imageWidth"),
        (labelme(imageWidth=2**40), "imageWidth"),
        (labelme(flags={"no manipulation found": "yes"}), "flags"),
        ([], "the file"),
        ({}, "imagePath"),
    ],
)
def test_a_labelme_file_is_refused_by_file_and_field(record: Any, field: str, tmp_path: Path) -> None:
    path = tmp_path / "IMG.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(LabelsError, match=rf"^IMG\.json: .*{field}.* must be "):
        read_labelme(path)


@pytest.mark.parametrize("leading", ["/etc/", "../../", "..\\", "C:\\", "C:/photographs/", "\\\\server\\"])
def test_of_a_path_that_leads_elsewhere_only_the_name_is_used(leading: str, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"of the same name, beside the labels")
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(labelme(imagePath=f"{leading}secret.png")), encoding="utf-8")
    read = read_labelme(path)
    assert (read.name, read.file) == ("secret.png", None)
    assert [remark.partition(", ")[0] for remark in read.remarks] == ["labels.json: its image lies in another folder"]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (coco(image={"file_name": "../../../etc/passwd"}), r"images\[0\].file_name"),
        (coco(image={"file_name": "/etc/passwd"}), r"images\[0\].file_name"),
        (coco(image={"width": 0}), r"images\[0\].width"),
        (coco(image={"height": 1.5}), r"images\[0\].height"),
        (coco(image={"id": "one"}), r"images\[0\].id"),
        (coco(image_id=2), r"annotations\[0\].image_id"),
        (coco(segmentation=None), r"annotations\[0\].segmentation"),
        (coco(segmentation=7), r"annotations\[0\].segmentation"),
        (coco(segmentation=[[1, 2, 3, 4]]), r"annotations\[0\].segmentation\[0\]"),
        (coco(segmentation=[[1, 2, 3, 4, 5, 6, 7]]), r"annotations\[0\].segmentation\[0\]"),
        (coco(segmentation=[[1, 2, 3, None, 5, 6]]), r"annotations\[0\].segmentation\[0\]"),
        (coco(segmentation={**RUNS, "counts": [-1, 2]}), r"annotations\[0\].segmentation.counts"),
        (coco(segmentation={**RUNS, "counts": [HUGE]}), r"annotations\[0\].segmentation.counts"),
        (coco(segmentation={**RUNS, "counts": [0] * 1000}), r"annotations\[0\].segmentation.counts"),
        (coco(segmentation={"size": [9], "counts": "0"}), r"annotations\[0\].segmentation.size"),
        (coco(attributes={"confidence": "certain"}), r"annotations\[0\].attributes.confidence"),
        (coco(attributes=["x"]), r"annotations\[0\].attributes"),
        ({"images": "none"}, "images"),
        ({"images": coco()["images"] * 2}, r"images\[1\].id"),
    ],
)
def test_a_coco_file_is_refused_by_file_and_field(record: Any, field: str, tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(LabelsError, match=rf"^coco\.json: .*{field}.* must be "):
        read_coco(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        "[" * 200_000,
        '{"a": ' + "9" * 5000 + "}",
        "\xff",
    ],
)
def test_what_is_no_json_is_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(LabelsError, match=r"^x\.json: the file "):
        read_json(path)


@pytest.mark.skipif(os.name == "nt", reason="FIFOs and links")
def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "x.json")
    (tmp_path / "x.json").write_text("{}")
    for name in ("pipe.json", "link.json"):
        with pytest.raises(LabelsError):
            read_json(tmp_path / name)


def test_a_file_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": "' + "b" * 100 + '"}')
    with pytest.raises(LabelsError, match="longer than 50 bytes"):
        read_json(tmp_path / "x.json", most_bytes=50)


def test_a_file_that_would_fill_the_memory_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"[" + b"[]," * 8_000_000 + b"[]]")
    with pytest.raises(LabelsError, match="more values than any labels"):
        read_json(tmp_path / "x.json")


FAR = np.array([[-1000.0, -1000.0], [1000.0, -1000.0], [1000.0, 1000.0]])
ONE = Size(4, 4)


@pytest.mark.parametrize(
    "shape",
    [
        RunLengths(Size(10**6, 10**6), "0"),
        RunLengths(SIZE, "00"),
        RunLengths(SIZE, "o" * 100_000 + "0"),
        RunLengths(SIZE, "ooooooooo0"),
        RunLengths(SIZE, "\u00ff"),
        RunLengths(SIZE, (5,)),
        PatchPng(0, 0, Size(10**6, 10**6), "AAAA"),
        PatchPng(12, 1, ONE, png(ONE)),
        PatchPng(-1, 1, ONE, png(ONE)),
        PatchPng(1, 1, ONE, png(Size(5, 4))),
        PatchPng(1, 1, ONE, bomb(60_000, 60_000)),
        PatchPng(1, 1, ONE, png(ONE)[:-40]),
        PatchPng(1, 1, ONE, "no base64!"),
        PatchPng(1, 1, ONE, base64.b64encode(b"GIF89a").decode("ascii")),
    ],
)
def test_a_mask_that_does_not_fit_the_evidence_is_refused_before_any_pixel_is_made(shape: Any) -> None:
    with pytest.raises(LabelsError):
        rasterise(shape, SIZE, decoder=PlainDecoder())


def test_an_outline_far_beyond_the_image_is_cut_off_and_one_with_absurdly_many_crossings_refused() -> None:
    inside = rasterise(Outlines((FAR,)), SIZE, decoder=PlainDecoder())
    rows, columns = np.indices(SIZE.shape)
    assert np.array_equal(inside, columns >= rows)
    zigzag = np.tile(np.array([[0.0, 0.0], [1.0, 4000.0]]), (10_000, 1))
    with pytest.raises(LabelsError, match="crosses rows of pixels"):
        rasterise(Outlines((zigzag,)), Size(4, 4000), decoder=PlainDecoder())


@settings(max_examples=100)
@given(
    points=st.lists(st.tuples(st.floats(-20, 40), st.floats(-20, 40)), min_size=3, max_size=12),
)
def test_a_pixel_is_inside_where_its_centre_is(points: list[tuple[float, float]]) -> None:
    size = Size(11, 7)
    outline = np.array(points)
    expected = np.zeros(size.shape, dtype=np.bool_)
    for row in range(size.height):
        for column in range(size.width):
            expected[row, column] = is_inside(column + 0.5, row + 0.5, points)
    assert np.array_equal(polygons.fill([outline], size), expected)


def is_inside(x: float, y: float, points: list[tuple[float, float]]) -> bool:
    """Even-odd rule, by a ray to the left; edges hold their upper end and not their lower one."""
    crossings = 0
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
        if min(y0, y1) <= y < max(y0, y1):
            crossings += x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x
    return crossings % 2 == 1


def test_nothing_of_a_damaged_image_enters_the_case_and_the_others_do(case: CaseSession, tmp_path: Path) -> None:
    first, second = case.add([photograph(tmp_path / f"IMG_{n}.png", seed=n) for n in range(2)]).added
    record = coco(image={"file_name": "IMG_0.png"})
    record["images"].append({**record["images"][0], "id": 2, "file_name": "IMG_1.png"})
    record["annotations"] += [
        {"id": 2, "image_id": 1, "segmentation": {**RUNS, "counts": "damaged!"}},
        {"id": 3, "image_id": 2, "segmentation": [[1, 1, 4, 1, 4, 4]]},
    ]
    (tmp_path / "coco.json").write_text(json.dumps(record), encoding="utf-8")
    request = ImportLabelsRequest(tmp_path / "coco.json", LabelFormat.COCO)
    report = import_labels(request, case=case, decoder=PlainDecoder())
    (failure,) = report.failures
    assert failure.message == "coco.json: annotations[1]: its run lengths are damaged."
    assert (case.item(first).regions, case.item(second).regions) == (0, 1)

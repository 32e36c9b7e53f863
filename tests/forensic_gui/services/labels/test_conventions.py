"""What is written is what the readers of each format expect; where they are at hand, they read it."""

from __future__ import annotations

import base64
import io
import json
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

from boxprompt.data.datasets import TamperedDataset, read_mask
from boxprompt.data.labels import read_truth
from boxprompt.data.layouts import open_dataset
from forensic_gui.domain.annotation import Kind
from forensic_gui.domain.geometry import Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.shapes import Outlines, RunLengths, rasterise
from forensic_gui.services.labels.splits import Part
from forensic_gui.services.labels.yolo import CLASSES

from .helpers import SIZE, PlainDecoder, label_set, masks, region, with_hole, write

# Of pycocotools itself, under numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_pycocotools_loads_our_file_and_decodes_the_same_mask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels, files = label_set(tmp_path, [region(with_hole(), Kind.REMOVAL)], None)
    write(ExportLabelsRequest(tmp_path / "labels", LabelFormat.COCO), labels, files)
    coco = COCO(str(tmp_path / "labels" / "annotations" / "instances_all.json"))
    (annotation,) = coco.loadAnns(coco.getAnnIds(iscrowd=False))
    assert np.array_equal(coco.annToMask(annotation).astype(np.bool_), with_hole().to_array())
    assert annotation["area"] == coco_masks.area(annotation["segmentation"])
    assert annotation["bbox"] == list(coco_masks.toBbox(annotation["segmentation"]))
    assert coco.loadCats(annotation["category_id"])[0]["name"] == "removal"
    for image in coco.loadImgs(coco.getImgIds()):
        assert (tmp_path / "labels" / "images" / image["file_name"]).is_file()
    assert len(coco.getImgIds()) == 2
    capsys.readouterr()


@settings(max_examples=60)
@given(mask=masks())
def test_run_lengths_are_those_of_pycocotools_both_ways(mask: Mask) -> None:
    theirs = coco_masks.encode(np.asfortranarray(mask.to_array().astype(np.uint8)))
    assert theirs["counts"].decode("ascii") == mask.to_text()
    read = rasterise(RunLengths(mask.size, theirs["counts"].decode("ascii")), mask.size, decoder=PlainDecoder())
    assert Mask.of(read) == mask


def test_polygons_cover_what_pycocotools_makes_of_them_but_for_their_border() -> None:
    size = Size(60, 40)
    outline = [10.0, 5.0, 50.0, 8.5, 44.2, 33.0, 20.0, 36.5]
    theirs = coco_masks.decode(coco_masks.merge(coco_masks.frPyObjects([outline], 40, 60))).astype(np.bool_)
    ours = rasterise(Outlines((np.array(outline).reshape(-1, 2),)), size, decoder=PlainDecoder())
    edge = cv2.morphologyEx(theirs.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).astype(np.bool_)
    assert ours.sum() > 900
    assert not ((ours ^ theirs) & ~edge).any()


def test_every_part_of_a_mani_export_opens_as_a_dataset_of_its_own(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, *([region(with_hole())] for _ in range(6)), None, None)
    parts = (Part("train", 0.5), Part("val", 0.5))
    write(ExportLabelsRequest(tmp_path / "labels", LabelFormat.MANI, parts, seed=3), labels, files)
    opened = {part.name: TamperedDataset.open(tmp_path / "labels" / part.name) for part in parts}
    assert sum(len(dataset.manipulated) for dataset in opened.values()) == 6
    assert sum(len(dataset.untouched) for dataset in opened.values()) == 2
    for dataset in opened.values():
        for item in dataset.manipulated:
            assert item.mask is not None
            assert np.array_equal(read_mask(item.mask), with_hole().to_array())


def test_a_coco_export_opens_as_a_dataset_with_the_same_masks(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole(), Kind.REMOVAL)], None)
    write(ExportLabelsRequest(tmp_path / "labels", LabelFormat.COCO), labels, files)
    first, second = open_dataset(tmp_path / "labels" / "annotations" / "instances_all.json").items
    assert np.array_equal(read_truth(first), with_hole().to_array())
    assert (first.kind, len(first.boxes), second.mask) == ("removal", 1, None)


def test_sorted_listings_of_images_and_masks_pair_as_imdl_benco_pairs_them(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, *([region(with_hole())] for _ in range(5)))
    names = ["a.jpg", "a.k.png", "a-1.png", "a (2).png", "A.png"]
    images = tuple(
        type(image)(image.item_id, name, image.sha256, image.annotation)
        for image, name in zip(labels.images, names, strict=True)
    )
    labels = type(labels)(labels.case_id, labels.case_name, images)
    write(ExportLabelsRequest(tmp_path / "labels", LabelFormat.MANI), labels, files)
    tp, gt = (sorted(path.name for path in (tmp_path / "labels" / folder).iterdir()) for folder in ("Tp", "Gt"))
    assert [Path(name).stem for name in tp] == [Path(name).stem for name in gt]
    assert len(tp) == 5


def test_a_labelme_shape_is_a_box_of_whole_pixels_with_the_mask_in_it(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())])
    write(ExportLabelsRequest(tmp_path / "labels", LabelFormat.LABELME), labels, files)
    record = json.loads((tmp_path / "labels" / "images" / "photo 1.json").read_text())
    assert (tmp_path / "labels" / "images" / record["imagePath"]).is_file()
    assert (record["imageWidth"], record["imageHeight"], record["imageData"]) == (SIZE.width, SIZE.height, None)
    (shape,) = record["shapes"]
    assert (shape["shape_type"], shape["label"]) == ("mask", "splice")
    # labelme pastes the mask into rows y1 to y2 and columns x1 to x2, both ends within.
    (x1, y1), (x2, y2) = (tuple(int(value) for value in point) for point in shape["points"])
    pasted = np.zeros(SIZE.shape, dtype=np.bool_)
    with Image.open(io.BytesIO(base64.b64decode(shape["mask"]))) as png:
        pasted[y1 : y2 + 1, x1 : x2 + 1] = np.asarray(png).astype(np.bool_)
    assert np.array_equal(pasted, with_hole().to_array())


@settings(max_examples=40)
@given(mask=masks())
def test_an_outline_of_yolo_gives_every_part_back_with_its_holes_filled(mask: Mask) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labels, files = label_set(folder, [region(mask, Kind.RETOUCHING)])
        write(ExportLabelsRequest(folder / "labels", LabelFormat.YOLO_SEG), labels, files)
        (region_record,) = json.loads((folder / "labels" / "manifest.json").read_text())["images"][0]["regions"]
        read = np.zeros(mask.size.shape, dtype=np.uint8)
        for line in (folder / "labels" / "labels" / "photo 1.txt").read_text().splitlines():
            number, *values = line.split()
            assert CLASSES[int(number)] is Kind.RETOUCHING
            corners = np.array([float(value) for value in values]).reshape(-1, 2)
            assert len(corners) >= 3
            assert corners.min() > 0
            assert corners.max() < 1
            cv2.fillPoly(read, [(corners * (mask.size.width, mask.size.height)).astype(np.int32)], 1)
    outside = (~mask.to_array()).astype(np.uint8)
    padded = np.pad(outside, 1, constant_values=1)
    cv2.floodFill(padded, None, (0, 0), 2)  # what is reached from outside, through edges of pixels
    filled = Mask.of(padded[1:-1, 1:-1] != 2)
    assert Mask.of(read.astype(np.bool_)) == filled
    assert region_record["iou_of_what_was_written"] == pytest.approx(filled.iou(mask))


def test_lists_of_yolo_name_images_whose_labels_lie_beside_them(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())], [region(with_hole())], None)
    request = ExportLabelsRequest(tmp_path / "labels", LabelFormat.YOLO_SEG, (Part("train", 0.5), Part("val", 0.5)))
    write(request, labels, files)
    listed = [
        line for part in ("train", "val") for line in (tmp_path / "labels" / f"{part}.txt").read_text().splitlines()
    ]
    assert len(listed) == 3
    for line in listed:
        image = tmp_path / "labels" / line
        assert image.is_file()
        assert (tmp_path / "labels" / "labels" / f"{image.stem}.txt").is_file()
    data = (tmp_path / "labels" / "data.yaml").read_text()
    assert "train: train.txt" in data
    assert "  1: copy-move" in data

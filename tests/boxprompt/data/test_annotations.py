"""COCO files, box files and scribbles open as datasets, and what does not fit is named in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from boxprompt.data.datasets import DatasetError, UnreadableImageError
from boxprompt.data.labels import fingerprint, read_labels, read_truth, refuse_boxes_alone, require_masks
from boxprompt.data.layouts import open_dataset
from boxprompt.data.truth import Unknown

HEIGHT, WIDTH = 12, 16


def picture(path: Path, *, size: tuple[int, int] = (WIDTH, HEIGHT), value: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, value, value)).save(path)
    return path


def written(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def annotation(number: int, image: int, **fields: Any) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": 1, "iscrowd": 0, **fields}


def square(x: float, y: float, side: float) -> list[float]:
    return [x, y, x + side, y, x + side, y + side, x, y + side]


@pytest.fixture
def instances(tmp_path: Path) -> dict[str, Any]:
    """A COCO file's content: an outline and run lengths on the first image, boxes alone on the second, a third bare."""
    for number, name in enumerate(("a.png", "b.png", "c.png")):
        picture(tmp_path / "images" / name, value=60 + number)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8, order="F")
    mask[8:11, 2:5] = 1
    runs = coco.encode(mask)
    return {
        "images": [
            {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT}
            for number, name in enumerate(("a.png", "b.png", "c.png"), start=1)
        ],
        "categories": [{"id": 1, "name": "splice"}],
        "annotations": [
            annotation(1, 1, segmentation=[square(6, 1, 4)], bbox=[6, 1, 4, 4]),
            annotation(2, 1, segmentation={"size": runs["size"], "counts": runs["counts"].decode()}, bbox=[2, 8, 3, 3]),
            annotation(3, 2, segmentation=[], bbox=[1, 2, 5, 6]),
        ],
    }


def test_coco_regions_become_the_union_of_their_pixels(tmp_path: Path, instances: dict[str, Any]) -> None:
    dataset = open_dataset(written(tmp_path / "labels.json", instances))
    first, second, third = dataset.items
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[1:5, 6:10] = expected[8:11, 2:5] = True
    assert np.array_equal(read_truth(first), expected)
    assert (first.name, first.kind, first.boxes) == ("a", "splice", ((6, 1, 10, 5), (2, 8, 5, 11)))
    assert (second.mask, second.boxes) == (Unknown.MASK, ((1, 2, 6, 8),))
    assert (third.mask, third.kind, third.boxes) == (None, "untouched", ())
    assert dataset.name == "labels"


@pytest.mark.parametrize("place", ["labels.json", "annotations/labels.json", "images/labels.json"])
def test_coco_images_lie_in_one_of_three_places(tmp_path: Path, instances: dict[str, Any], place: str) -> None:
    assert len(open_dataset(written(tmp_path / place, instances)).items) == 3


def test_kinds_that_differ_within_an_image_are_not_stated(tmp_path: Path, instances: dict[str, Any]) -> None:
    instances["categories"] += [{"id": 2, "name": "removal"}, {"id": 3, "name": "blurred"}]
    instances["annotations"][1]["category_id"] = 2
    instances["annotations"][2]["category_id"] = 3
    kinds = [item.kind for item in open_dataset(written(tmp_path / "labels.json", instances)).items]
    assert kinds == ["unstated", "unstated", "untouched"]


def changed(instances: dict[str, Any], table: str, row: int, **fields: Any) -> None:
    instances[table][row].update(fields)


@pytest.mark.parametrize(
    ("table", "row", "fields", "sentence"),
    [
        (
            "annotations",
            0,
            {"segmentation": [square(14, 1, 4)]},
            r"Annotation 1 .* outline that lies off a\.png, 16x12",
        ),
        ("annotations", 0, {"segmentation": [[1, 1, 4, 4]]}, "not three corners or more"),
        ("annotations", 0, {"segmentation": [[1, 1, 4, 4, 2, 8, 3]]}, "not three corners or more"),
        ("annotations", 0, {"segmentation": []}, r"Annotation 1 .* no segmentation while others of a\.png"),
        ("annotations", 1, {"segmentation": {"size": [16, 12], "counts": "1"}}, "run lengths of another size"),
        ("annotations", 2, {"bbox": [1, 2, 5, 12]}, r"Annotation 3 .* lies off b\.png"),
        ("annotations", 2, {"bbox": [1, 2, 0, 4]}, "is empty or lies off"),
        ("annotations", 2, {"bbox": [16.2, 2, 0.5, 4]}, "is empty or lies off"),
        ("annotations", 2, {"bbox": None}, "neither a segmentation nor a bbox"),
        ("annotations", 2, {"image_id": 9}, "Annotation 3 .* belongs to no image"),
        ("annotations", 2, {"bbox": [1, 2, "wide", 4]}, r"not a COCO file.*annotations\.2\.bbox\.2"),
        ("annotations", 0, {"segmentation": [[1, 1, 4, float("inf"), 2, 8]]}, "finite number"),
        ("images", 1, {"file_name": "absent.png"}, r"not there: absent\.png"),
        ("images", 1, {"file_name": "../b.png"}, "below the file's folder"),
        ("images", 1, {"file_name": "a.png"}, r"the image a\.png more than once"),
        ("images", 1, {"id": 1}, "the image id 1 more than once"),
        ("images", 1, {"width": 15}, r"another size than that of b\.png \(16x12, stated 15x12\)"),
    ],
)
def test_a_coco_file_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, instances: dict[str, Any], table: str, row: int, fields: dict[str, Any], sentence: str
) -> None:
    changed(instances, table, row, **fields)
    with pytest.raises(DatasetError, match=sentence):
        open_dataset(written(tmp_path / "labels.json", instances))


def test_a_corner_a_pixel_off_the_image_is_cut_off_and_no_refusal(tmp_path: Path, instances: dict[str, Any]) -> None:
    changed(instances, "annotations", 0, segmentation=[square(13, 9, 4)], bbox=[13, 9, 4, 4])
    first = open_dataset(written(tmp_path / "labels.json", instances)).items[0]
    assert read_truth(first)[9:, 13:].all()
    assert first.boxes[0] == (13, 9, 16, 12)


def test_a_coco_file_without_any_annotation_is_no_dataset(tmp_path: Path, instances: dict[str, Any]) -> None:
    with pytest.raises(DatasetError, match="has no annotation"):
        open_dataset(written(tmp_path / "labels.json", {**instances, "annotations": []}))


def test_regions_that_cover_no_pixel_or_are_damaged_are_named_when_read(
    tmp_path: Path, instances: dict[str, Any]
) -> None:
    instances["annotations"] = [annotation(1, 1, segmentation=[square(6.6, 1.6, 0.2)])]
    item = open_dataset(written(tmp_path / "labels.json", instances)).items[0]
    with pytest.raises(UnreadableImageError, match=r"a\.png cover no pixel"):
        read_labels(item)
    instances["annotations"] = [annotation(1, 1, segmentation={"size": [HEIGHT, WIDTH], "counts": "o"})]
    item = open_dataset(written(tmp_path / "labels.json", instances)).items[0]
    with pytest.raises(UnreadableImageError, match=r"a\.png cannot be filled: run lengths end"):
        read_labels(item)


@pytest.fixture
def boxed(tmp_path: Path) -> dict[str, Any]:
    picture(tmp_path / "photos" / "a.png")
    picture(tmp_path / "photos" / "b.png", value=91)
    picture(tmp_path / "photos" / "c.png", value=92)
    return {
        "boxes": {
            "photos/b.png": [[1, 2, 5.5, 8]],
            "photos/a.png": [[0, 0, 4, 4], [8, 6, 16, 12]],
            "photos/c.png": [],
        }
    }


def test_boxes_alone_are_no_mask_until_they_are_filled(tmp_path: Path, boxed: dict[str, Any]) -> None:
    dataset = open_dataset(written(tmp_path / "boxes.json", boxed))
    first, second, third = dataset.items
    assert (first.name, first.mask, first.boxes) == ("a", Unknown.MASK, ((0, 0, 4, 4), (8, 6, 16, 12)))
    assert third.mask is None
    with pytest.raises(DatasetError, match=r"only boxes are known; .*pseudo-label.*fill"):
        read_labels(first)
    with pytest.raises(DatasetError, match=r"boxes has boxes and no mask for a\.png, b\.png"):
        refuse_boxes_alone(dataset)
    filled = read_labels(second, boxes="fill")
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[2:8, 1:5] = 1  # the centre of the last column, 5.5, is the first one outside
    assert np.array_equal(filled, expected)
    assert not read_labels(third).any()


def test_boxes_between_the_centres_of_pixels_are_no_label_of_an_untouched_image(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", value=90)
    (item,) = open_dataset(written(tmp_path / "boxes.json", {"boxes": {"a.png": [[4.6, 2, 5.4, 8]]}})).items
    with pytest.raises(UnreadableImageError, match=r"boxes of .*a\.png cover no pixel's centre"):
        read_labels(item, boxes="fill")


def test_boxes_may_come_with_masks_to_measure_against(tmp_path: Path, boxed: dict[str, Any]) -> None:
    Image.new("L", (WIDTH, HEIGHT), 255).save(tmp_path / "mask.png")
    boxed["masks"] = {"photos/b.png": "mask.png"}
    first, second, _ = open_dataset(written(tmp_path / "boxes.json", boxed)).items
    assert first.mask is Unknown.MASK
    assert second.mask == tmp_path / "mask.png"
    assert second.boxes == ((1, 2, 5.5, 8),)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"boxes": {"photos/a.png": [[1, 2, 17, 8]]}}, r"\[1, 2, 17, 8\] that is empty or lies off photos/a\.png"),
        ({"boxes": {"photos/a.png": [[5, 2, 5, 8]]}}, "is empty or lies off"),
        ({"boxes": {"photos/a.png": [[-1, 2, 5, 8]]}}, "is empty or lies off"),
        ({"boxes": {"photos/a.png": [[1, 2, 5]]}}, r"not a file of boxes: boxes\.photos/a\.png\.0"),
        ({"boxes": {"photos/gone.png": [[1, 2, 5, 8]]}}, r"not there: photos/gone\.png"),
        ({"boxes": {"photos/a.png": [[1, 2, float("nan"), 8]]}}, "finite number"),
        ({"boxes": {"photos/a.png": []}}, "has no box"),
        ({"mask": {}}, "mask: Extra inputs"),
        ({"masks": {"photos/c.png": "photos/c.png"}}, r"masks of images without a box: photos/c\.png"),
        ({"masks": {"photos/a.png": "gone.png"}}, r"not there: gone\.png"),
        ({"masks": {"photos/a.png": "small.png"}}, r"another size than its image for a\.png \(16x12, mask 3x4\)"),
    ],
)  # fmt: skip
def test_a_file_of_boxes_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, boxed: dict[str, Any], fields: dict[str, Any], sentence: str
) -> None:
    picture(tmp_path / "small.png", size=(3, 4))
    with pytest.raises(DatasetError, match=sentence):
        open_dataset(written(tmp_path / "boxes.json", {**boxed, **fields}))


def test_many_faults_are_counted_and_not_all_told(tmp_path: Path) -> None:
    value = {"boxes": {f"{number}.png": "none" for number in range(9)}}
    with pytest.raises(DatasetError, match="and 6 more"):
        open_dataset(written(tmp_path / "boxes.json", value))


@pytest.fixture
def scribbled(tmp_path: Path) -> Path:
    """Two images with scribbles, one of them indexed, and an untouched one."""
    for name in ("Tp/a.png", "Tp/b.png", "Au/c.png"):
        picture(tmp_path / name)
    scribbles(tmp_path / "Pt" / "a.png")
    scribbles(tmp_path / "Pt" / "b_gt.png", mode="P")
    return tmp_path


def scribbles(path: Path, *, mode: str = "L", **values: int) -> np.ndarray:
    labels = np.full((HEIGHT, WIDTH), values.get("rest", 255), np.uint8)
    labels[2:4, 3:9] = values.get("on", 1)
    labels[9, :] = values.get("off", 0)
    image = Image.fromarray(labels)
    if mode == "P":
        image = Image.fromarray(labels, mode="L").convert("P")
        image.putpalette([255, 0, 0] * 256)
    path.parent.mkdir(exist_ok=True)
    image.convert(mode).save(path)
    return labels


def test_scribbles_are_labels_of_some_pixels(scribbled: Path) -> None:
    dataset = open_dataset(scribbled)
    first, second, third = dataset.items
    assert [item.is_complete for item in dataset.items] == [False, False, True]
    expected = scribbles(scribbled / "Pt" / "a.png")
    assert np.array_equal(read_labels(first), expected)
    assert np.array_equal(read_labels(second), expected)
    assert third.mask is None
    with pytest.raises(ValueError, match="not known"):
        read_truth(first)


@pytest.mark.parametrize(
    ("mode", "values", "sentence"),
    [
        ("L", {"off": 2}, "hold the value 2; save them as a grey or indexed PNG"),
        ("L", {"on": 254}, "hold the value 254"),
        ("L", {"rest": 0}, "leave nothing unknown"),
        ("L", {"on": 0}, "mark nothing as manipulated"),
        ("RGB", {}, "of mode RGB"),
    ],
)
def test_scribbles_in_another_notation_are_refused_when_read(
    scribbled: Path, mode: str, values: dict[str, int], sentence: str
) -> None:
    scribbles(scribbled / "Pt" / "a.png", mode=mode, **values)
    with pytest.raises(UnreadableImageError, match=sentence):
        read_labels(open_dataset(scribbled).items[0])


def test_scribbles_that_are_no_image_are_named(scribbled: Path) -> None:
    item = open_dataset(scribbled).items[0]
    (scribbled / "Pt" / "a.png").write_bytes(b"no image")
    with pytest.raises(UnreadableImageError, match=r"a\.png cannot be read as scribbles"):
        read_labels(item)


def test_scribbles_without_an_image_or_of_another_size_are_refused(scribbled: Path) -> None:
    scribbles(scribbled / "Pt" / "lonely.png")
    with pytest.raises(DatasetError, match=r"no image for lonely\.png of Pt"):
        open_dataset(scribbled)
    (scribbled / "Pt" / "lonely.png").unlink()
    (scribbled / "Pt" / "a.png").unlink()
    with pytest.raises(DatasetError, match=r"Pt has no mask for a\.png"):
        open_dataset(scribbled)
    picture(scribbled / "Pt" / "a.png", size=(4, 4))
    with pytest.raises(DatasetError, match=r"another size than its image for a\.png"):
        open_dataset(scribbled)


def test_an_image_has_a_mask_or_scribbles_but_not_both(scribbled: Path) -> None:
    (scribbled / "Gt").mkdir()
    Image.new("L", (WIDTH, HEIGHT), 255).save(scribbled / "Gt" / "a.png")
    with pytest.raises(DatasetError, match=r"Gt/a\.png and .*Pt/a\.png are labels of one image"):
        open_dataset(scribbled)
    (scribbled / "Pt" / "a.png").unlink()
    first, second, _ = open_dataset(scribbled).items
    assert (first.mask, first.is_complete, second.is_complete) == (scribbled / "Gt" / "a.png", True, False)
    (scribbled / "Gt" / "a.png").unlink()
    Image.new("L", (WIDTH, HEIGHT), 255).save(scribbled / "Gt" / "lonely.png")
    with pytest.raises(DatasetError, match=r"Gt and Pt has no mask for a\.png"):
        open_dataset(scribbled)


def test_what_needs_whole_masks_refuses_scribbles_and_boxes(
    scribbled: Path, boxed: dict[str, Any], tmp_path: Path
) -> None:
    for dataset in (open_dataset(scribbled), open_dataset(written(tmp_path / "boxes.json", boxed))):
        with pytest.raises(DatasetError, match=r"An evaluation needs complete masks, .* for a\.png, b\.png"):
            require_masks(dataset, purpose="An evaluation")


def test_a_fingerprint_is_of_the_content_alone(tmp_path: Path, instances: dict[str, Any]) -> None:
    first = open_dataset(written(tmp_path / "labels.json", instances))
    again = open_dataset(written(tmp_path / "annotations" / "other.json", instances))
    assert fingerprint(first.items) == fingerprint(again.items[::-1])
    changed(instances, "annotations", 2, bbox=[1, 2, 5, 5])
    assert fingerprint(open_dataset(written(tmp_path / "labels.json", instances)).items) != fingerprint(again.items)
    changed(instances, "annotations", 0, segmentation=[square(6, 1, 3)])
    changed(instances, "annotations", 2, bbox=[1, 2, 5, 6])
    assert fingerprint(open_dataset(written(tmp_path / "labels.json", instances)).items) != fingerprint(again.items)

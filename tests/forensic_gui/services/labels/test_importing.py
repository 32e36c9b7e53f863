"""Labels into a real case: matched by bytes first, added as edits that can be taken back, never twice."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.annotation import Conclusion, Confidence, Kind, MaskMaker, Region
from forensic_gui.domain.case import AnnotationState
from forensic_gui.domain.errors import CaseReadOnly, LabelsError, RequestError
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.contract import ExportLabelsRequest, ImportLabelsRequest, ImportReport
from forensic_gui.services.labels.exporting import export_labels
from forensic_gui.services.labels.formats import LabelFormat
from forensic_gui.services.labels.importing import import_labels
from forensic_gui.services.labels.splits import Part
from forensic_gui.services.ports import Decoder

from .helpers import SIZE, PlainDecoder, draw, mark, photograph, region, with_hole

READ = [LabelFormat.COCO, LabelFormat.LABELME, LabelFormat.MANI]
TURNED = Orientation.ROTATED_90_CW


def bring_in(case: CaseSession, path: Path, chosen: LabelFormat, decoder: Decoder | None = None) -> ImportReport:
    return import_labels(ImportLabelsRequest(path, chosen), case=case, decoder=decoder or PlainDecoder())


def regions_of(case: CaseSession, item_id: int) -> tuple[Region, ...]:
    return case.annotation(item_id).annotation.regions


def labelme_file(path: Path, image: str, *shapes: dict[str, Any], size: Size = SIZE, **more: Any) -> Path:
    record = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": image, "imageData": None}
    record |= {"imageWidth": size.width, "imageHeight": size.height, **more}
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def shape(kind: str, points: list[list[float]], label: str = "splice", **more: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": kind, "group_id": None, "flags": {}, **more}


def coco_file(path: Path, name: str, *segmentations: Any, size: Size = SIZE, category: str = "removal") -> Path:
    record = {
        "images": [{"id": 7, "file_name": name, "width": size.width, "height": size.height}],
        "annotations": [
            {"id": n, "image_id": 7, "category_id": 3, "segmentation": each, "iscrowd": 0}
            for n, each in enumerate(segmentations)
        ],
        "categories": [{"id": 3, "name": category}],
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


@pytest.mark.parametrize("chosen", READ)
@pytest.mark.parametrize("parts", [(), (Part("train", 0.5), Part("val", 0.5))])
def test_an_export_comes_back_into_another_case_with_the_same_evidence(
    chosen: LabelFormat, parts: tuple[Part, ...], case: CaseSession, photographs: Path, tmp_path: Path, decoder: Decoder
) -> None:
    files = sorted(photographs.iterdir())
    first, second, third = case.add(files).added
    draw(case, first, region(with_hole(), Kind.COPY_MOVE, source=Mask.full(SIZE), note="boat"))
    draw(case, second, region(with_hole()))
    mark(case, third)
    export_labels(ExportLabelsRequest(tmp_path / "labels", chosen, parts), case=case, decoder=decoder)
    with CaseSession.create(tmp_path / "Other", author="Bo") as other:
        items = other.add(reversed(files)).added
        report = bring_in(other, tmp_path / "labels", chosen, decoder)
        assert (report.images, report.regions, report.marked, report.known) == (3, 2, 1, 0)
        assert not report.failures
        assert not report.remarks
        assert other.item(items[0]).conclusion is Conclusion.NO_MANIPULATION_FOUND
        (read,) = regions_of(other, items[2])
        (original,) = regions_of(case, first)
        assert read.mask == original.mask
        if chosen is not LabelFormat.MANI:
            assert (read.source, read.details.kind, read.details.note) == (original.source, Kind.COPY_MOVE, "boat")
            assert read.details.confidence is Confidence.HIGH
            assert read.details.origin.parameters["author"] == "Ada"
        origin = read.details.origin
        assert (origin.maker, origin.tool_id, read.details.author) == (MaskMaker.IMPORTED, chosen.value, "Bo")
        hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "labels").rglob("*.*")}
        assert origin.tool_sha256 in hashes
        assert other.audit()[-1].action == "labels imported"


@pytest.mark.parametrize("chosen", READ)
def test_what_the_case_has_already_is_not_added_again(
    chosen: LabelFormat, case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    draw(case, first, region(with_hole(), Kind.UNKNOWN))
    mark(case, second)
    export_labels(ExportLabelsRequest(tmp_path / "labels", chosen), case=case, decoder=plain)
    before = case.annotation(first)
    report = bring_in(case, tmp_path / "labels", chosen)
    assert (report.images, report.known) == (0, 2)
    assert case.annotation(first) == before


def test_masks_that_a_form_without_kinds_unites_are_not_added_to_the_regions_that_they_are_of(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    draw(case, first, region(with_hole(), Kind.COPY_MOVE, source=Mask.full(SIZE)))
    corner = Mask.of_lengths(SIZE, [0, 3, SIZE.pixels - 3])
    draw(case, second, region(with_hole(), Kind.SPLICE), region(corner, Kind.REMOVAL))
    export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.MANI), case=case, decoder=plain)
    before = [case.annotation(item_id) for item_id in (first, second)]
    report = bring_in(case, tmp_path / "labels", LabelFormat.MANI)
    assert (report.images, report.known) == (0, 2)
    assert [case.annotation(item_id) for item_id in (first, second)] == before


def test_an_image_that_is_edited_while_its_labels_come_in_is_left_as_it_is_and_the_others_go_on(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    for item_id in (first, second):
        draw(case, item_id, region(with_hole()))
    export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.COCO), case=case, decoder=plain)
    for item_id in (first, second):
        case.undo(item_id)
        draw(case, item_id, region(Mask.full(SIZE)))
    commit = case.commit

    def after_somebody_else(item_id: int, *given: Any, **named: Any) -> AnnotationState:
        if item_id == first:
            case.undo(item_id)
        return commit(item_id, *given, **named)

    monkeypatch.setattr(case, "commit", after_somebody_else)
    report = bring_in(case, tmp_path / "labels", LabelFormat.COCO)
    assert ([failure.kind for failure in report.failures], report.item_ids) == (["EditRefused"], (second,))
    assert (regions_of(case, first), len(regions_of(case, second))) == ((), 2)
    assert case.audit()[-1].action == "labels imported"


def test_one_undo_takes_the_labels_of_an_image_back(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    square = [2, 2, 6, 2, 6, 6, 2, 6]
    path = coco_file(photographs / "labels.json", "IMG_0.png", [square], [[0, 0, 3, 0, 3, 3]])
    assert bring_in(case, path, LabelFormat.COCO).regions == 2
    state = case.annotation(item_id)
    assert state.undo == "Import labels"
    assert not case.undo(item_id).annotation.regions


def test_coco_polygons_and_uncompressed_runs_become_pixels(case: CaseSession, photographs: Path) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    runs = {"size": [SIZE.height, SIZE.width], "counts": with_hole().lengths.tolist()}
    parts = [[2, 2, 6, 2, 6, 6, 2, 6], [8.0, 1.0, 10.0, 1.0, 10.0, 2.0, 8.0, 2.0]]
    bring_in(case, coco_file(photographs / "labels.json", "IMG_0.png", runs, parts), LabelFormat.COCO)
    by_runs, by_outline = regions_of(case, item_id)
    assert by_runs.mask == with_hole()
    expected = np.zeros(SIZE.shape, dtype=np.bool_)
    expected[2:6, 2:6] = True
    expected[1:2, 8:10] = True
    assert np.array_equal(by_outline.mask.to_array(), expected)
    assert by_outline.details.kind is Kind.REMOVAL


def test_shapes_of_labelme_become_regions_and_those_without_area_are_named(
    case: CaseSession, photographs: Path
) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    path = labelme_file(
        photographs / "IMG_0.json",
        "IMG_0.png",
        shape("polygon", [[1, 1], [5, 1], [5, 4], [1, 4]], "Copy Move"),
        shape("rectangle", [[9, 8], [6, 5]]),
        shape("circle", [[6, 4], [6, 6.6]], "cat", description="a cat"),
        shape("linestrip", [[0, 0], [5, 5]]),
        shape("point", [[3, 3]]),
    )
    report = bring_in(case, path, LabelFormat.LABELME)
    polygon, rectangle, circle = regions_of(case, item_id)
    assert (polygon.details.kind, polygon.mask.area) == (Kind.COPY_MOVE, 12)
    assert rectangle.mask.bounds is not None
    assert (rectangle.mask.bounds.slices, rectangle.mask.area) == ((slice(5, 8), slice(6, 9)), 9)
    assert (circle.details.kind, circle.details.note) == (Kind.UNKNOWN, "Label: cat. a cat")
    rows, columns = np.indices(SIZE.shape) + 0.5
    assert np.array_equal(circle.mask.to_array(), np.hypot(columns - 6, rows - 4) <= 2.6)
    assert [remark.partition("type ")[2].split()[0] for remark in report.remarks] == ["linestrip", "point"]


def test_a_mask_of_labelme_holds_ones_and_its_file_may_hold_the_image_itself(
    case: CaseSession, photographs: Path, tmp_path: Path
) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    encoded, image = io.BytesIO(), base64.b64encode((photographs / "IMG_0.png").read_bytes()).decode("ascii")
    Image.fromarray(np.array([[1, 0], [0, 1]], np.uint8)).save(encoded, "PNG")
    mask = shape("mask", [[3.0, 4.0], [4.0, 5.0]], mask=base64.b64encode(encoded.getvalue()).decode("ascii"))
    report = bring_in(case, labelme_file(tmp_path / "x.json", "other.png", mask, imageData=image), LabelFormat.LABELME)
    assert not report.remarks
    (read,) = regions_of(case, item_id)
    assert np.argwhere(read.mask.to_array()).tolist() == [[4, 3], [5, 4]]


def test_labelme_files_in_a_folder_of_their_own_are_matched_by_name_and_no_other_folder_is_read(
    case: CaseSession, photographs: Path, tmp_path: Path
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    other, labels = tmp_path / "other", tmp_path / "labels"
    other.mkdir()
    labels.mkdir()
    (other / "IMG_0.png").write_bytes((photographs / "IMG_1.png").read_bytes())  # would be the second item by its bytes
    path = labelme_file(labels / "x.json", "../other/IMG_0.png", shape("rectangle", [[1, 1], [4, 4]]))
    report = bring_in(case, path, LabelFormat.LABELME)
    assert (case.item(first).regions, case.item(second).regions) == (1, 0)
    assert any("another folder" in remark for remark in report.remarks)
    assert any("by name and size" in remark for remark in report.remarks)


def test_a_labelme_folder_is_read_file_by_file_and_a_damaged_one_named(case: CaseSession, photographs: Path) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    square = shape("rectangle", [[1, 1], [4, 4]])
    labelme_file(photographs / "IMG_0.json", "IMG_0.png", square)
    labelme_file(photographs / "IMG_1.json", "IMG_1.png", {**square, "points": "many"})
    report = bring_in(case, photographs, LabelFormat.LABELME)
    assert (len(regions_of(case, first)), report.regions) == (1, 1)
    assert case.item(second).regions == 0
    (failure,) = report.failures
    assert "IMG_1.json: shapes[0].points must be" in failure.message


def test_labels_of_the_upright_view_are_turned_back_to_stored_pixels(
    case: CaseSession, tmp_path: Path, decoder: Decoder
) -> None:
    exif = Image.Exif()
    exif[0x0112] = int(TURNED)
    photograph(tmp_path / "photo.jpg", exif=exif)
    (item_id,) = case.add([tmp_path / "photo.jpg"]).added
    view = TURNED.size_in_view(SIZE)
    labels = labelme_file(tmp_path / "photo.json", "photo.jpg", shape("rectangle", [[0, 0], [2, 3]]), size=view)
    report = bring_in(case, labels, LabelFormat.LABELME, decoder)
    in_view = np.zeros(view.shape, dtype=np.bool_)
    in_view[0:3, 0:2] = True
    (read,) = regions_of(case, item_id)
    assert np.array_equal(TURNED.apply(read.mask.to_array()), in_view)
    assert "turned back" in report.remarks[0]


def test_a_half_turn_that_the_size_does_not_tell_is_undone_for_labelme_alone(
    case: CaseSession, tmp_path: Path, decoder: Decoder
) -> None:
    exif = Image.Exif()
    exif[0x0112] = int(Orientation.ROTATED_180)
    photograph(tmp_path / "photo.jpg", exif=exif)
    (item_id,) = case.add([tmp_path / "photo.jpg"]).added
    labelme_file(tmp_path / "photo.json", "photo.jpg", shape("rectangle", [[0, 0], [2, 3]]))
    bring_in(case, tmp_path / "photo.json", LabelFormat.LABELME, decoder)
    bring_in(
        case, coco_file(tmp_path / "coco.json", "photo.jpg", [[0, 0, 2, 0, 2, 3, 0, 3]]), LabelFormat.COCO, decoder
    )
    by_labelme, by_coco = regions_of(case, item_id)
    assert by_labelme.mask.to_array()[-3:, -2:].all()
    assert by_coco.mask.to_array()[:3, :2].all()
    export_labels(ExportLabelsRequest(tmp_path / "out", LabelFormat.LABELME), case=case, decoder=decoder)
    assert bring_in(case, tmp_path / "out", LabelFormat.LABELME, decoder).known == 2


def test_an_image_of_other_bytes_is_matched_by_name_and_size_and_that_is_said(
    case: CaseSession, photographs: Path, tmp_path: Path
) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    photograph(elsewhere / "img_0.png", seed=99)
    path = coco_file(elsewhere / "labels.json", "img_0.png", [[2, 2, 6, 2, 6, 6]])
    report = bring_in(case, path, LabelFormat.COCO)
    assert len(regions_of(case, item_id)) == 1
    assert "img_0.png was matched to IMG_0.png by name and size" in report.remarks[0]


def test_bytes_count_more_than_names(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    first, second = case.add([photographs / "IMG_0.png", photographs / "IMG_1.png"]).added
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "IMG_0.png").write_bytes((photographs / "IMG_1.png").read_bytes())
    bring_in(case, coco_file(elsewhere / "l.json", "IMG_0.png", [[2, 2, 6, 2, 6, 6]]), LabelFormat.COCO)
    assert (case.item(first).regions, case.item(second).regions) == (0, 1)


def test_images_that_are_no_items_or_several_are_named(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    photograph(tmp_path / "again" / "IMG_0.png", seed=50)
    case.add([photographs / "IMG_0.png", tmp_path / "again" / "IMG_0.png"])
    outline = [[2, 2, 6, 2, 6, 6]]
    for name, told in (("IMG_0.png", "any of 2 items"), ("unknown.png", "is no item of the case")):
        report = bring_in(case, coco_file(tmp_path / "labels.json", name, outline), LabelFormat.COCO)
        assert told in report.failures[0].message
        assert name in report.failures[0].message
    assert not any(item.regions for item in case.items())


def test_a_mark_and_regions_never_meet(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    first, second = case.add([photographs / "IMG_0.png", photographs / "IMG_1.png"]).added
    mark(case, first)
    draw(case, second, region(with_hole()))
    path = coco_file(photographs / "labels.json", "IMG_0.png", [[2, 2, 6, 2, 6, 6]])
    (refused,) = bring_in(case, path, LabelFormat.COCO).failures
    assert (refused.kind, "is marked as without manipulation" in refused.message) == ("LabelsContradict", True)
    (tmp_path / "set" / "Au").mkdir(parents=True)
    (tmp_path / "set" / "Au" / "x.png").write_bytes((photographs / "IMG_1.png").read_bytes())
    (refused,) = bring_in(case, tmp_path / "set", LabelFormat.MANI).failures
    assert (refused.kind, "has regions" in refused.message) == ("LabelsContradict", True)


def test_masks_of_a_foreign_dataset_are_white_over_middle_grey(
    case: CaseSession, photographs: Path, tmp_path: Path, decoder: Decoder
) -> None:
    (item_id,) = case.add([photographs / "IMG_0.png"]).added
    for folder in ("Tp", "Gt"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    (tmp_path / "set" / "Tp" / "x.png").write_bytes((photographs / "IMG_0.png").read_bytes())
    grey_levels = np.zeros(SIZE.shape, dtype=np.uint8)
    grey_levels[2, 2], grey_levels[3, 3] = 127, 128
    cv2.imwrite(str(tmp_path / "set" / "Gt" / "x_gt.png"), grey_levels)
    bring_in(case, tmp_path / "set", LabelFormat.MANI, decoder)
    (read,) = regions_of(case, item_id)
    assert np.argwhere(read.mask.to_array()).tolist() == [[3, 3]]
    assert read.details.origin.parameters == {"matched_by": "bytes", "labels": "Gt/x_gt.png", "image": "x.png"}


def test_files_that_do_not_pair_are_named(case: CaseSession, tmp_path: Path) -> None:
    for folder in ("Tp", "Gt"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    photograph(tmp_path / "set" / "Tp" / "alone.png")
    with pytest.raises(LabelsError, match=r"alone\.png"):
        bring_in(case, tmp_path / "set", LabelFormat.MANI)


def test_calls_that_cannot_work_are_refused(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    path = coco_file(tmp_path / "labels.json", "IMG_0.png")
    with pytest.raises(RequestError, match="imported from mani, coco, labelme"):
        bring_in(case, path, LabelFormat.YOLO_SEG)
    with pytest.raises(RequestError, match="nothing at"):
        bring_in(case, tmp_path / "absent", LabelFormat.COCO)
    with pytest.raises(RequestError, match=r"cannot be read .*choose another place"):
        bring_in(case, tmp_path / ("a" * 260), LabelFormat.COCO)
    for chosen in READ:
        with pytest.raises(LabelsError):
            bring_in(case, photographs, chosen)
    folder = case.folder
    case.close()
    with (
        CaseSession.open(folder, author="Bo", read_only=True) as reading,
        pytest.raises(CaseReadOnly),
    ):
        bring_in(reading, path, LabelFormat.COCO)

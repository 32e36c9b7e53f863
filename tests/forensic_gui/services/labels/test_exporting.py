"""Exports of a real case: whole or not at all, of verified originals, every label traceable to its evidence."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.annotation import Kind
from forensic_gui.domain.errors import Cancelled, OutputError, RequestError
from forensic_gui.domain.geometry import Box, Orientation, Point
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import Prompts, Scribble
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.exporting import export_labels
from forensic_gui.services.labels.formats import FORMATS, LabelFormat, losses_in_words
from forensic_gui.services.labels.staging import StagedFolder
from forensic_gui.services.ports import Decoder
from forensic_gui.services.progress import CancelToken, ProgressEvent

from .helpers import SIZE, PlainDecoder, draw, grey, label_set, mark, photograph, region, with_hole, write

ORIENTATION_TAG = 0x0112


def manifest(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="ascii"))
    return record


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_case_is_exported_with_a_manifest_that_leads_back_to_the_evidence(
    case: CaseSession, photographs: Path, tmp_path: Path, decoder: Decoder
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    prompts = Prompts(box=Box(1, 1, 9, 7))
    draw(case, first, region(with_hole(), Kind.COPY_MOVE, source=Mask.full(SIZE), note="boat", prompts=prompts))
    mark(case, second)
    report = export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.MANI), case=case, decoder=decoder)
    assert (report.manipulated, report.untouched, report.regions, report.left_out) == (1, 1, 1, 1)
    assert not report.failures
    record = manifest(tmp_path / "labels")
    assert (record["case_id"], record["author"], record["format"]) == (case.info.id, "Ada", "mani")
    assert record["images_without_label"] == 1
    manipulated, untouched = record["images"]
    assert manipulated["evidence_sha256"] == case.item(first).sha256
    assert manipulated["image"]["copied_byte_by_byte"]
    (drawn,) = manipulated["regions"]
    assert (drawn["kind"], drawn["note"], drawn["author"], drawn["origin"]["maker"]) == (
        "copy-move",
        "boat",
        "Ada",
        "analyst",
    )
    assert drawn["prompts"]["box"] == [1, 1, 9, 7]
    text = f"{SIZE.width}x{SIZE.height} {with_hole().to_text()}"
    assert drawn["mask_sha256"] == hashlib.sha256(text.encode("ascii")).hexdigest()
    assert (untouched["conclusion"], untouched["labels"]) == ("no manipulation found", [])
    named = [file for image in record["images"] for file in (image["image"], *image["labels"])] + record["files"]
    for file in named:
        assert sha256(tmp_path / "labels" / file["path"]) == file["sha256"]
    on_disk = {path.relative_to(tmp_path / "labels").as_posix() for path in (tmp_path / "labels").rglob("*.*")}
    assert on_disk == {file["path"] for file in named} | {"manifest.json"}
    ends = case.audit()[-2:]
    assert [event.action for event in ends] == ["labels export begun", "labels exported"]
    written = (str(tmp_path / "labels"), sha256(tmp_path / "labels" / "manifest.json"))
    assert {(event.subject, event.details["manifest_sha256"]) for event in ends} == {written}


def test_an_export_that_ends_right_after_its_folder_appears_is_on_record(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = case.add([photographs / "IMG_0.png"]).added
    draw(case, first, region(with_hole()))
    commit = StagedFolder.commit

    def commit_and_end(folder: StagedFolder) -> None:
        assert case.audit()[-1].action == "labels export begun"
        commit(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(StagedFolder, "commit", commit_and_end)
    with pytest.raises(KeyboardInterrupt):
        export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.PNG), case=case, decoder=plain)
    event = case.audit()[-1]
    assert (event.action, event.subject) == ("labels export begun", str(tmp_path / "labels"))
    assert event.details["manifest_sha256"] == sha256(tmp_path / "labels" / "manifest.json")


def test_an_altered_original_is_refused_by_name_and_the_rest_goes_on(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder
) -> None:
    first, second, _ = case.add(sorted(photographs.iterdir())).added
    for item_id in (first, second):
        draw(case, item_id, region(with_hole()))
    original = case.original(first)
    original.chmod(0o644)
    original.write_bytes(original.read_bytes() + b"\0")
    report = export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.COCO), case=case, decoder=plain)
    (failure,) = report.failures
    assert "The original is not what was put into the case" in failure.message
    assert [image["name"] for image in manifest(tmp_path / "labels")["images"]] == ["IMG_1.png"]
    assert manifest(tmp_path / "labels")["refused"][0]["name"] == "IMG_0.png"
    verified = [event for event in case.audit() if event.details.get("occasion") == "export labels"]
    assert len(verified) == 1


def test_nothing_is_written_where_every_image_is_refused(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder
) -> None:
    (first,) = case.add([photographs / "IMG_0.png"]).added
    draw(case, first, region(with_hole()))
    mark(case, first)  # drawn on, and marked as untouched
    report = export_labels(ExportLabelsRequest(tmp_path / "labels", LabelFormat.PNG), case=case, decoder=plain)
    assert report.folder is None
    assert "has regions and is marked" in report.failures[0].message
    assert not (tmp_path / "labels").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_a_case_that_can_only_be_looked_at_is_exported_all_the_same(
    case: CaseSession, photographs: Path, tmp_path: Path, plain: PlainDecoder
) -> None:
    (first,) = case.add([photographs / "IMG_0.png"]).added
    draw(case, first, region(with_hole()))
    events = len(case.audit())
    with CaseSession.open(case.folder, author="Bo", read_only=True) as reading:
        report = export_labels(ExportLabelsRequest(tmp_path / "out", LabelFormat.COCO), case=reading, decoder=plain)
    assert report.manipulated == 1
    assert manifest(tmp_path / "out")["author"] == "Bo"
    assert len(case.audit()) == events


def test_a_case_without_a_label_is_told_so(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    case.add(sorted(photographs.iterdir()))
    with pytest.raises(RequestError, match="draw or mark one first"):
        export_labels(ExportLabelsRequest(tmp_path / "out", LabelFormat.COCO), case=case, decoder=PlainDecoder())


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(RequestError, match="holds something already"):
        write(ExportLabelsRequest(tmp_path / "out", LabelFormat.COCO), labels, files)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    with pytest.raises(RequestError, match="is a file"):
        write(ExportLabelsRequest(tmp_path / "out" / "thesis.txt", LabelFormat.COCO), labels, files)


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())])
    (tmp_path / "out").mkdir()
    assert write(ExportLabelsRequest(tmp_path / "out", LabelFormat.COCO), labels, files).folder == tmp_path / "out"
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_stopping_leaves_nothing(case: CaseSession, photographs: Path, tmp_path: Path) -> None:
    for item_id in case.add(sorted(photographs.iterdir())).added:
        draw(case, item_id, region(with_hole()))
    cancel = CancelToken()

    def stop_after_the_first(event: ProgressEvent) -> None:
        cancel.cancel()

    with pytest.raises(Cancelled):
        export_labels(
            ExportLabelsRequest(tmp_path / "out", LabelFormat.MANI),
            case=case,
            decoder=PlainDecoder(),
            progress=stop_after_the_first,
            cancel=cancel,
        )
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs permissions")
def test_a_place_that_takes_nothing_is_told_in_a_sentence(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())])
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    with pytest.raises(OutputError, match="could not be written"):
        write(ExportLabelsRequest(locked / "out", LabelFormat.COCO), labels, files)


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests_labels_helpers import helpers
from forensic_gui.services.labels.contract import ExportLabelsRequest
from forensic_gui.services.labels.formats import LabelFormat
folder = Path(sys.argv[1])
labels, files = helpers.label_set(folder, *([helpers.region(helpers.with_hole())] for _ in range(200)))
print("ready", flush=True)
helpers.write(ExportLabelsRequest(folder / "out", LabelFormat.MANI), labels, files)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_export_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    package = tmp_path / "tests_labels_helpers"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "helpers.py").write_bytes((Path(__file__).parent / "helpers.py").read_bytes())
    work = tmp_path / "work"
    work.mkdir()
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(work), str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        deadline = time.monotonic() + 60
        while not list(work.glob(".*.part/Gt/*.png")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not (work / "out").exists()
    labels, files = label_set(work, [region(with_hole())])
    assert write(ExportLabelsRequest(work / "out", LabelFormat.MANI), labels, files).manipulated == 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp", ".webp"])
def test_what_readers_see_as_stored_is_copied_byte_by_byte(
    suffix: str, case: CaseSession, tmp_path: Path, decoder: Decoder
) -> None:
    source = photograph(tmp_path / f"photo.{suffix[1:].upper()}")
    (item_id,) = case.add([source]).added
    draw(case, item_id, region(with_hole()))
    export_labels(ExportLabelsRequest(tmp_path / "out", LabelFormat.PNG), case=case, decoder=decoder)
    assert (tmp_path / "out" / "images" / f"photo{suffix}").read_bytes() == source.read_bytes()
    image = manifest(tmp_path / "out")["images"][0]["image"]
    assert image["copied_byte_by_byte"]
    assert image["sha256"] == sha256(source)


def turned(path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = int(Orientation.ROTATED_90_CW)
    photograph(path, exif=exif)


def with_alpha(path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (*SIZE.shape, 4), np.uint8)
    Image.fromarray(pixels).save(path)


def with_a_transparent_colour(path: Path) -> None:
    photograph(path, transparency=(1, 2, 3))
    with Image.open(path) as image:
        pixels = np.asarray(image).copy()
    pixels[0, 0] = (1, 2, 3)
    Image.fromarray(pixels).save(path, transparency=(1, 2, 3))


def with_sixteen_bits(path: Path) -> None:
    Image.fromarray(np.arange(SIZE.pixels, dtype=np.uint16).reshape(SIZE.shape) * 400).save(path)


def animated(path: Path) -> None:
    frames = [Image.fromarray(np.full((*SIZE.shape, 3), value, np.uint8)) for value in (10, 200)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (turned, "photo.jpg", "EXIF orientation 6"),
        (turned, "photo.tif", "EXIF orientation 6"),
        (with_alpha, "photo.png", "mode RGBA"),
        (with_a_transparent_colour, "photo.png", "transparency"),
        (with_sixteen_bits, "photo.png", "16 bits"),
        (animated, "photo.webp", "2 images"),
        (photograph, "photo.gif", "do not read GIF"),
    ],
)
def test_everything_else_becomes_a_png_of_its_stored_pixels_and_the_manifest_says_why(
    make: Any, name: str, why: str, case: CaseSession, tmp_path: Path, decoder: Decoder
) -> None:
    make(tmp_path / name)
    (item_id,) = case.add([tmp_path / name]).added
    draw(case, item_id, region(with_hole()))
    export_labels(ExportLabelsRequest(tmp_path / "out", LabelFormat.PNG), case=case, decoder=decoder)
    image = manifest(tmp_path / "out")["images"][0]["image"]
    assert not image["copied_byte_by_byte"]
    assert why in image["why_not"]
    with Image.open(tmp_path / "out" / "images" / "photo.png") as written:
        assert written.getexif().get(ORIENTATION_TAG) is None
        assert written.mode == "RGB"
        assert np.array_equal(np.asarray(written), decoder.decode(tmp_path / name).pixels)
    assert np.array_equal(grey(tmp_path / "out" / "masks" / "photo.png") == 255, with_hole().to_array())


def test_strokes_are_written_as_a_map_where_they_agree_with_the_mask(tmp_path: Path) -> None:
    prompts = Prompts(
        scribbles=(
            Scribble((Point(2.5, 1.5), Point(12.5, 1.5)), 1),  # leaves the region at column 8
            Scribble((Point(0.5, 8.5), Point(9.5, 8.5)), 1, positive=False),
            Scribble((Point(4.5, 2.5),), 1, positive=False),  # in the region
        )
    )
    labels, files = label_set(tmp_path, [region(with_hole(), prompts=prompts)], [region(with_hole())])
    write(ExportLabelsRequest(tmp_path / "out", LabelFormat.COCO, scribbles=True), labels, files)
    drawn = grey(tmp_path / "out" / "scribbles" / "photo 1.png")
    expected = np.zeros(SIZE.shape, dtype=np.uint8)
    expected[1, 2:8] = 1
    expected[8, 0:10] = 2
    assert np.array_equal(drawn, expected)
    assert [path.name for path in (tmp_path / "out" / "scribbles").iterdir()] == ["photo 1.png"]


@pytest.mark.parametrize("chosen", LabelFormat)
def test_a_note_that_no_encoding_can_carry_is_written_all_the_same(chosen: LabelFormat, tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole(), note="half a pair: \ud83d")])
    write(ExportLabelsRequest(tmp_path / "labels", chosen), labels, files)
    if chosen is LabelFormat.COCO:
        record = json.loads((tmp_path / "labels" / "annotations" / "instances_all.json").read_text("utf-8"))
        assert record["annotations"][0]["attributes"]["note"] == "half a pair: \ud83d"


def test_a_mask_for_each_region_is_written_on_request(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole(), Kind.REMOVAL), region(Mask.full(SIZE))])
    write(ExportLabelsRequest(tmp_path / "out", LabelFormat.PNG, per_region=True), labels, files)
    names = sorted(path.name for path in (tmp_path / "out" / "regions" / "photo 1").iterdir())
    assert names == ["001-removal.png", "002-splice.png"]
    first = grey(tmp_path / "out" / "regions" / "photo 1" / "001-removal.png")
    assert np.array_equal(first == 255, with_hole().to_array())


def test_a_region_without_a_pixel_is_left_out_and_counted(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole()), region(Mask.empty(SIZE))])
    report = write(ExportLabelsRequest(tmp_path / "out", LabelFormat.LABELME), labels, files)
    assert report.regions == 1
    assert manifest(tmp_path / "out")["images"][0]["empty_regions_left_out"] == 1


def test_every_format_is_written_and_says_what_it_loses(tmp_path: Path) -> None:
    labels, files = label_set(tmp_path, [region(with_hole())], None)
    for chosen in LabelFormat:
        report = write(ExportLabelsRequest(tmp_path / chosen, chosen), labels, files)
        record = manifest(tmp_path / chosen)
        assert (report.manipulated, report.untouched) == (1, 1)
        assert record["lost_in_this_format"] == list(FORMATS[chosen].losses.values())
        assert (tmp_path / chosen / "splits" / "all.txt").read_text().count("\n") == 2
        assert losses_in_words(chosen)
    overlap = manifest(tmp_path / LabelFormat.YOLO_SEG)["images"][0]["regions"][0]["iou_of_what_was_written"]
    assert overlap == pytest.approx(27 / 31)  # four pixels of the hole are filled

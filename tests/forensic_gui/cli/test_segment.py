"""`segment`: from coarse boxes to a mask in evidence pixels, with a record and without touching the evidence."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.cli.segment import parse_box, parse_point
from forensic_gui.domain.errors import EvidenceError, RequestError
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.services import bootstrap
from forensic_gui.services.segmenting.segment import SegmentRequest, prompts_of_regions

LEFT, RIGHT = (60, 50, 28), (170, 70, 34)
"""Centre and radius of the two discs: column, row, radius."""


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture (H, W, 3), and the two discs in it, bool (H, W)."""
    rows, columns = np.mgrid[:130, :240]
    discs = [(columns - x) ** 2 + (rows - y) ** 2 < radius**2 for x, y, radius in (LEFT, RIGHT)]
    picture = np.where((discs[0] | discs[1])[..., None], [200, 60, 40], [40, 90, 160]).astype(np.uint8)
    picture += np.random.default_rng(0).integers(0, 9, picture.shape, dtype=np.uint8)
    return picture, discs[0], discs[1]


def around(disc: tuple[int, int, int], *, loose: int = 7) -> str:
    x, y, radius = disc
    corners = (x - radius - loose, y - radius - loose, x + radius + loose, y + radius + loose)
    return ",".join(map(str, corners))


def iou(mask: np.ndarray, known: np.ndarray) -> float:
    return float((mask & known).sum() / (mask | known).sum())


def read_mask(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        assert opened.mode == "L"
        values = np.asarray(opened)
    assert set(np.unique(values)) <= {0, 255}
    return values == 255


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "user_data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(bootstrap, "user_cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(scene()[0]).save(path)
    return path


def run(*arguments: object) -> int:
    return main(["segment", *map(str, arguments)])


def test_a_box_becomes_a_mask_and_a_text_that_says_it_was_not_sam(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mask.png"
    assert run(image, "--box", around(LEFT), "-o", output) == 0
    assert iou(read_mask(output), scene()[1]) > 0.97
    told = capsys.readouterr().out
    assert "GrabCut (no SAM)" in told and hashlib.sha256(image.read_bytes()).hexdigest() in told
    assert "seconds: " in told and "no estimate of its quality" in told


def test_several_boxes_are_several_regions_and_one_mask(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mask.png"
    assert run(image, "--box", around(LEFT), "--box", around(RIGHT), "-o", output, "--json") == 0
    _, left, right = scene()
    assert iou(read_mask(output), left | right) > 0.97
    record = json.loads(capsys.readouterr().out)
    assert [region["prompts"]["box"] for region in record["regions"]] == [
        [float(value) for value in around(disc).split(",")] for disc in (LEFT, RIGHT)
    ]
    areas = [region["area_px"] for region in record["regions"]]
    assert record["area_px"] == sum(areas) == read_mask(output).sum()


def test_the_record_says_all_that_another_examiner_needs(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "mask.png"
    assert run(image, "--point", "60,50,+", "--point", "5,5,-", "-o", output, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == "forensic-gui.segmentation/1"
    assert record["sha256"] == hashlib.sha256(image.read_bytes()).hexdigest()
    assert (record["width"], record["height"], record["orientation"]) == (240, 130, 1)
    assert record["regions"][0]["prompts"] == {
        "box": None,
        "points": [[60.0, 50.0, True], [5.0, 5.0, False]],
        "scribbles": [],
    }
    assert record["segmenter"]["id"] == "grabcut" and record["segmenter"]["weights_sha256"] == ""
    assert "iterations" in record["segmenter"]["parameters"]
    assert record["output"] == {
        "name": "mask.png",
        "sha256": hashlib.sha256(output.read_bytes()).hexdigest(),
        "size_bytes": output.stat().st_size,
    }
    assert {"hash", "decode", "encode", "answer", "write", "total"} == set(record["seconds"])


def test_the_mask_itself_says_what_it_is_of_and_is_the_same_every_time(image: Path, tmp_path: Path) -> None:
    masks = [tmp_path / "one.png", tmp_path / "two.png"]
    for mask in masks:
        assert run(image, "--box", around(LEFT), "-o", mask) == 0
    assert masks[0].read_bytes() == masks[1].read_bytes()
    with Image.open(masks[0]) as opened:
        texts = dict(opened.info)
    assert hashlib.sha256(image.read_bytes()).hexdigest() in texts["Description"]
    assert "no SAM" in texts["Description"]
    (prompts,) = json.loads(texts["Prompts"])
    assert Prompts.from_record(prompts).box == parse_box(around(LEFT))


@pytest.mark.parametrize("orientation", list(Orientation))
def test_boxes_and_mask_are_in_stored_pixels_however_the_camera_was_held(
    orientation: Orientation, tmp_path: Path
) -> None:
    picture, left, _ = scene()
    exif = Image.Exif()
    exif[0x0112] = int(orientation)
    path, output = tmp_path / "photo.jpg", tmp_path / "mask.png"
    Image.fromarray(picture).save(path, quality=95, subsampling=0, exif=exif)
    assert run(path, "--box", around(LEFT), "-o", output) == 0
    mask = read_mask(output)
    assert mask.shape == picture.shape[:2] and iou(mask, left) > 0.85
    with Image.open(output) as opened:
        assert opened.getexif().get(0x0112, 1) == orientation


@pytest.mark.parametrize("arguments", [["--box", "60,50,90,80", "--point", "200,20,-"], ["--box", "0,0,240,130"]])
def test_a_box_up_to_the_border_and_points_beside_it_are_taken(
    image: Path, tmp_path: Path, arguments: list[str]
) -> None:
    assert run(image, *arguments, "-o", tmp_path / "mask.png") == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say where the region is"),
        (["--point", "5,5,-"], "Say where the region is"),
        (["--box", "1,2,3"], "four numbers"),
        (["--box", "1,2,3,four"], "four numbers"),
        (["--box", "1,2,nan,4"], "four numbers"),
        (["--box", "1,2,inf,4"], "four numbers"),
        (["--box", "9,2,3,4"], "top-left"),
        (["--box", "1,2,1,4"], "top-left"),
        (["--box", "0,0,241,130"], "240 pixels wide and 130 high"),
        (["--box", "-1,0,20,20"], "240 pixels wide and 130 high"),
        (["--point", "240,5,+"], "240 pixels wide"),
        (["--point", "5,5"], "x,y,+ or x,y,-"),
        (["--point", "5,+"], "x,y,+ or x,y,-"),
        (["--point", "5,5,1"], "x,y,+ or x,y,-"),
        (["--box", "0,0,9,9", "--box", "20,20,30,30", "--point", "15,15,+"], "none of the boxes"),
        (["--box", "0,0,9,9", "--segmenter", "sam-3"], "choose one of grabcut"),
        (["--box", "0,0,9,9", "--segmenter", "sam-vit-b"], "not installed"),
        (["--box", "0,0,9,9", "--device", "cuda", "--segmenter", "grabcut"], "CPU alone"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence_and_writes_nothing(
    image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    output = tmp_path / "mask.png"
    assert run(image, *arguments, "-o", output) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert sentence in line
    assert not output.exists()


def test_an_image_that_cannot_be_read_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    assert run(broken, "--box", "0,0,9,9", "-o", tmp_path / "mask.png") == 1
    assert "no supported image format" in capsys.readouterr().err
    assert issubclass(EvidenceError, Exception) and not (tmp_path / "mask.png").exists()


class TestEvidence:
    def test_it_is_never_written_over_under_any_name(
        self, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = image.read_bytes()
        link, hard, inside = tmp_path / "link.png", tmp_path / "hard.png", tmp_path / "sub"
        inside.mkdir()
        link.symlink_to(image)
        os.link(image, hard)
        for name in (image, link, hard, inside / ".." / image.name):
            assert run(image, "--box", around(LEFT), "-o", name) == 2
            assert "evidence itself" in capsys.readouterr().err
        assert image.read_bytes() == before and hard.read_bytes() == before and link.is_symlink()

    def test_only_a_png_is_replaced(self, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        other = tmp_path / "other.jpg"
        other.write_bytes(b"another photograph")
        assert run(image, "--box", around(LEFT), "-o", other) == 2
        assert ".png" in capsys.readouterr().err and other.read_bytes() == b"another photograph"

    def test_a_file_that_is_there_is_replaced_only_where_that_is_asked_for(
        self, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        other = tmp_path / "other.png"
        other.write_bytes(b"another photograph")
        assert run(image, "--box", around(LEFT), "-o", other) == 2
        assert "--replace" in capsys.readouterr().err and other.read_bytes() == b"another photograph"
        assert run(image, "--box", around(LEFT), "-o", other, "--replace") == 0
        assert other.read_bytes() != b"another photograph"

    def test_bytes_times_and_permissions_stay_as_they_were(self, image: Path, tmp_path: Path) -> None:
        folder = tmp_path / "locked"
        folder.mkdir()
        evidence = image.rename(folder / image.name)
        evidence.chmod(0o444)
        folder.chmod(0o555)
        before, content = evidence.stat(), evidence.read_bytes()
        try:
            assert run(evidence, "--box", around(LEFT), "-o", tmp_path / "mask.png") == 0
            after = evidence.stat()
            assert (after.st_mtime_ns, after.st_mode, after.st_ino) == (
                before.st_mtime_ns,
                before.st_mode,
                before.st_ino,
            )
            assert evidence.read_bytes() == content
            assert [path.name for path in folder.iterdir()] == ["photo.png"]
        finally:
            folder.chmod(0o755)

    def test_an_output_that_cannot_be_written_leaves_nothing(
        self, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(image, "--box", around(LEFT), "-o", tmp_path / "missing" / "mask.png") == 2
        assert "could not be written" in capsys.readouterr().err


def test_a_point_is_told_about_every_box_that_it_lies_in() -> None:
    boxes = (Box(0, 0, 10, 10), Box(5, 5, 20, 20), Box(30, 30, 40, 40))
    shared, first = PointPrompt(Point(7, 7)), PointPrompt(Point(1, 1), positive=False)
    request = SegmentRequest(Path("a.jpg"), Path("b.png"), boxes, (shared, first))
    assert prompts_of_regions(request, size=Size(50, 50)) == (
        Prompts(boxes[0], (shared, first)),
        Prompts(boxes[1], (shared,)),
        Prompts(boxes[2]),
    )


def test_arguments_are_read_as_written() -> None:
    assert parse_box("1, 2.5,3e1,4") == Box(1, 2.5, 30, 4)
    assert parse_point("3,4,-") == PointPrompt(Point(3, 4), positive=False)
    with pytest.raises(RequestError):
        parse_point("")

"""`forensic-gui labels`, as a script calls it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.cli.main import main
from forensic_gui.domain.annotation import Kind, Region, RegionDetails
from forensic_gui.domain.edits import AddRegion
from forensic_gui.domain.evidence import DecodeFacts
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.formats import FORMATS

SIZE = Size(21, 15)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of two photographs with a region each and one without."""
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (*SIZE.shape, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"IMG_{number}.png")
    with closing(CaseSession.create(tmp_path / "First", author="Ada")) as session:
        inside = np.zeros(SIZE.shape, dtype=np.bool_)
        inside[3:9, 4:12] = True
        inside[5:7, 6:8] = False
        for item_id in session.add(sorted(tmp_path.glob("IMG_*.png"))).added[:2]:
            session.note_decoded(item_id, DecodeFacts("PNG", "Pillow", "1", SIZE, Orientation.UPRIGHT, "RGB", 8))
            details = RegionDetails("Ada", "2026-03-01T10:00:00+00:00", Kind.REMOVAL)
            session.commit(item_id, AddRegion(Region(f"r{item_id}", Mask.of(inside), details), 0), label="Brush")
        return session.folder


def test_labels_leave_a_case_and_come_into_another(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels"
    options = ["--split", "train=0.5,val=0.5", "--seed", "4", "--json"]
    assert main(["labels", "export", str(case), "-o", str(out), "--format", "coco", *options]) == 0
    exported = json.loads(capfd.readouterr().out)
    assert (exported["manipulated"], exported["regions"], exported["without_label"]) == (2, 2, 1)
    assert exported["parts"] == {"train": 1, "val": 1}
    other = str(tmp_path / "Second.case")
    assert main(["case", "create", other, *(str(path) for path in sorted(tmp_path.glob("IMG_*.png")))]) == 0
    call = ["labels", "import", other, str(out), "--format", "coco", "--author", "Bo", "--json"]
    capfd.readouterr()
    assert main(call) == 0
    assert json.loads(capfd.readouterr().out)["regions"] == 2
    assert main(call) == 0
    assert json.loads(capfd.readouterr().out)["known"] == 2
    with (
        closing(CaseSession.open(case, author="x")) as first,
        closing(CaseSession.open(Path(other), author="x")) as second,
    ):
        for ours, theirs in zip(first.items()[:2], second.items()[:2], strict=True):
            before = first.annotation(ours.id).annotation.regions[0]
            after = second.annotation(theirs.id).annotation.regions[0]
            assert (after.mask, after.details.kind, after.details.author) == (before.mask, Kind.REMOVAL, "Bo")


def test_an_import_verifies_the_case_before_it_is_closed(
    case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", "export", str(case), "-o", str(tmp_path / "out"), "--format", "coco"]) == 0
    with closing(CaseSession.open(case, author="x")) as session:
        original = session.original(session.items()[2].id)  # of which the labels say nothing
    original.chmod(0o644)
    original.write_bytes(original.read_bytes()[:-1])
    capfd.readouterr()
    assert main(["labels", "import", str(case), str(tmp_path / "out"), "--format", "coco"]) == 1
    assert "IMG_2.png: The original was altered" in capfd.readouterr().err
    with closing(CaseSession.open(case, author="x", read_only=True)) as session:
        assert session.audit()[-2].details["occasion"] == "labels import"


def test_what_fails_decides_on_the_exit_status(case: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    export = ["labels", "export", str(case), "--format", "mani", "-o"]
    assert main([*export, str(tmp_path / "x"), "--per-region"]) == 2
    assert "--per-region goes with --format png, not with mani" in capfd.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    assert main([*export, str(tmp_path / "full")]) == 2
    assert "holds something already" in capfd.readouterr().err
    assert main([*export, str(tmp_path / "x"), "--split", "train=0.5"]) == 2
    assert main(["labels", "export", str(case), "-o", str(tmp_path / "x"), "--format", "xml"]) == 2
    assert not (tmp_path / "x").exists()
    with closing(CaseSession.open(case, author="x")) as session:
        original = session.original(session.items()[0].id)
    original.chmod(0o644)
    original.write_bytes(original.read_bytes()[:-1])
    capfd.readouterr()
    assert main([*export, str(tmp_path / "x")]) == 1
    assert "IMG_0.png: The original is not what was put into the case" in capfd.readouterr().err
    assert [path.name for path in (tmp_path / "x" / "Tp").iterdir()] == ["IMG_1.png"]
    assert main(["labels", "import", str(case), str(tmp_path / "none"), "--format", "mani"]) == 2
    (tmp_path / "bad.json").write_text("{")
    assert main(["labels", "import", str(case), str(tmp_path / "bad.json"), "--format", "coco"]) == 2
    assert "bad.json: the file is no JSON" in capfd.readouterr().err
    unknown = {"images": [{"id": 1, "file_name": "u.png", "width": 3, "height": 3}],
               "annotations": [{"image_id": 1, "segmentation": [[0, 0, 2, 0, 2, 2]]}]}  # fmt: skip
    (tmp_path / "unknown.json").write_text(json.dumps(unknown))
    assert main(["labels", "import", str(case), str(tmp_path / "unknown.json"), "--format", "coco"]) == 1
    assert "u.png is no item of the case" in capfd.readouterr().err


def test_help_says_of_every_format_what_it_loses(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100000")
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["labels", "export", "--help"]) == 0
    told = " ".join(capfd.readouterr().out.split())
    for traits in FORMATS.values():
        assert traits.format.value in told
        assert all(" ".join(loss.split()) in told for loss in traits.losses.values())

"""The whole loop in the real window, by mouse and keys: evidence, box, brush, labels, and back; evidence untouched."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton

from forensic_gui.domain.annotation import Annotation, Kind, MaskMaker
from forensic_gui.services.annotating import morphology
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.formats import LabelFormat
from tests.gui.easel import Easel
from tests.gui.window.conftest import nothing_is_left_running, open_desk  # noqa: F401 - fixtures

SIZE = (240, 160)


def photograph(path: Path) -> Path:
    """A bright disc with some texture on a dark ground: something to be cut out."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    rng = np.random.default_rng(5)
    pixels = rng.integers(20, 60, (SIZE[1], SIZE[0], 3))
    disc = (columns - 120) ** 2 + (rows - 80) ** 2 < 40**2
    pixels[disc] = rng.integers(190, 240, (int(disc.sum()), 3))
    Image.fromarray(pixels.astype(np.uint8)).save(path, quality=95)
    return path


def new_case(desk, folder: Path, photographs: list[Path]) -> Easel:
    """Make a case in the window and put photographs into it."""
    desk.ask.chosen_case = folder
    desk.press("Ctrl+N")
    desk.until(lambda: desk.session.case.name == folder.name)
    desk.ask.chosen_files = photographs
    desk.run("add_files")
    desk.until(lambda: desk.session.studio.controller.page is not None)
    desk.until(lambda: not desk.session.case.originals.is_busy)
    return Easel(desk).ready()


def dialog_of(desk, keys: str) -> QDialog:
    desk.press(keys)
    (dialog,) = (each for each in desk.window.findChildren(QDialog) if each.isVisible())
    return dialog


def fill(desk, dialog: QDialog, *, chosen: LabelFormat, field: str, path: Path, button: str) -> None:
    box = dialog.findChild(QComboBox, "label_format")
    box.setCurrentIndex(box.findData(chosen))
    edit = dialog.findChild(QLineEdit, field)
    edit.selectAll()
    desk.qtbot.keyClicks(edit, str(path))
    press = dialog.findChild(QPushButton, button)
    desk.until(press.isEnabled)
    desk.qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    desk.window.activateWindow()
    desk.until(desk.window.isActiveWindow)


def draw_a_region_with_a_hole(hand: Easel) -> None:
    """Box, brush, undo, redo, eraser, kind: all by mouse and keys."""
    hand.key("X")
    hand.drag((70, 30), (120, 90), (170, 130))
    hand.settle()
    (boxed,) = hand.annotation.regions
    assert boxed.details.origin.maker is MaskMaker.SEGMENTER
    assert boxed.details.origin.tool_id == "grabcut"
    disc = boxed.mask.to_array()
    assert disc[80, 120] and not disc[5, 5]
    hand.key("Q")
    hand.drag((20, 20), (60, 20))
    hand.settle()
    (brushed,) = hand.annotation.regions
    assert brushed.mask.to_array()[20, 40]
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == (boxed,)
    hand.key("Ctrl+Shift+Z")
    hand.settle()
    assert hand.annotation.regions == (brushed,)
    hand.key("E")
    hand.drag((112, 80), (128, 80))
    hand.settle()
    hand.key("2")
    hand.settle()
    (finished,) = hand.annotation.regions
    assert finished.details.kind is Kind.SPLICE
    assert not finished.mask.to_array()[80, 120]
    assert morphology.fill_holes(finished.mask) != finished.mask
    assert morphology.part_count(finished.mask) > 1


def kept(case: Path) -> Annotation:
    """What the case has on the disk."""
    with closing(CaseSession.open(case, author="Ben", read_only=True)) as session:
        return session.annotation(1).annotation


@pytest.mark.parametrize("chosen", [LabelFormat.COCO, LabelFormat.MANI])
def test_labels_drawn_by_hand_come_back_equal_in_another_case(open_desk, tmp_path, chosen):  # noqa: F811
    source = photograph(tmp_path / "harbour.jpg")
    desk = open_desk(real=True)
    hand = new_case(desk, tmp_path / "First", [source])
    draw_a_region_with_a_hole(hand)
    drawn = hand.annotation
    dialog = dialog_of(desk, "Ctrl+E")
    fill(desk, dialog, chosen=chosen, field="label_folder", path=tmp_path / "labels", button="label_export")
    desk.until(lambda: "was exported to" in desk.message)

    hand = new_case(desk, tmp_path / "Second", [source])
    assert hand.annotation.regions == ()
    dialog = dialog_of(desk, "Ctrl+I")
    fill(desk, dialog, chosen=chosen, field="label_path", path=tmp_path / "labels", button="label_import")
    desk.until(lambda: bool(hand.annotation.regions))
    assert desk.message.startswith("Imported: 1 region on 1 image.")
    assert hand.annotation.mask == drawn.mask
    desk.close()

    first, second = kept(tmp_path / "First.case"), kept(tmp_path / "Second.case")
    assert first == drawn
    assert [region.mask for region in second.regions] == [region.mask for region in first.regions]
    assert second.regions[0].details.origin.maker is MaskMaker.IMPORTED
    if chosen is LabelFormat.COCO:  # the other one cannot say it, and says so
        assert second.regions[0].details.kind is Kind.SPLICE


def facts_of(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything about a folder that using its files could change, times of reading apart."""

    def facts(path: Path) -> tuple[object, ...]:
        status = path.stat()
        names = os.listxattr(path) if hasattr(os, "listxattr") else []
        kept = {name: os.getxattr(path, name) for name in names}
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        return (stat.filemode(status.st_mode), status.st_size, status.st_mtime_ns, status.st_ino, kept, content)

    return {path.name or ".": facts(path) for path in (folder, *sorted(folder.iterdir()))}


def test_a_whole_workflow_leaves_the_evidence_as_it_was(open_desk, tmp_path):  # noqa: F811
    folder = tmp_path / "evidence"
    folder.mkdir()
    source = photograph(folder / "harbour.jpg")
    with suppress(OSError, AttributeError):  # where a file system has no such attributes, everything else is compared
        os.setxattr(source, "user.custody", b"shelf 4")
    os.utime(source, ns=(1_700_000_000_123_456_789, 1_600_000_000_987_654_321))
    source.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    folder.chmod(0o555)
    before = facts_of(folder)
    try:
        desk = open_desk(real=True)
        hand = new_case(desk, tmp_path / "Harbour", [source])
        desk.until(lambda: desk.session.current.examination is not None)
        draw_a_region_with_a_hole(hand)
        dialog = dialog_of(desk, "Ctrl+E")
        labels, archive = tmp_path / "labels", tmp_path / "Harbour.zip"
        fill(desk, dialog, chosen=LabelFormat.PNG, field="label_folder", path=labels, button="label_export")
        desk.until(lambda: "was exported to" in desk.message)
        desk.ask.chosen_place = archive
        desk.run("export_case")
        desk.until(lambda: "The case was exported" in desk.message)
        desk.close()
        assert archive.is_file() and (labels / "manifest.json").is_file()
        assert facts_of(folder) == before
    finally:
        folder.chmod(0o755)

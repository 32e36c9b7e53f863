"""Labels out of a case and into one, through the dialogs of the window."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QSpinBox

from forensic_gui.domain.geometry import Size
from forensic_gui.services.case import CaseSession
from forensic_gui.services.labels.formats import FORMATS, LabelFormat
from tests.forensic_gui.services.labels.helpers import draw, region, with_hole
from tests.gui.easel import Easel

SIZE = Size(96, 64)


@pytest.fixture
def make_case(tmp_path, photographs):
    """Makes a case of photographs, the first of them with a region that has a hole and a part apart."""

    def make(name="Harbour", *, drawn=1, count=2) -> Path:
        with closing(CaseSession.create(tmp_path / name, author="Ann")) as case:
            case.add(photographs(count, folder_name="source"))
            for item_id in range(1, drawn + 1):
                draw(case, item_id, region(with_hole(SIZE)), size=SIZE)
            return case.folder

    return make


class LabelDialog:
    """The dialog that is open, by its fields."""

    def __init__(self, desk, command_id) -> None:
        self.desk = desk
        desk.run(command_id)
        (self.dialog,) = (each for each in desk.window.findChildren(QDialog) if each.isVisible())

    def choose(self, chosen: LabelFormat) -> None:
        box = self.dialog.findChild(QComboBox, "label_format")
        box.setCurrentIndex(box.findData(chosen))

    def write(self, name: str, text: Path) -> None:
        self.dialog.findChild(QLineEdit, name).setText(str(text))

    def check(self, name: str) -> None:
        box = self.dialog.findChild(QCheckBox, name)
        assert box.isEnabled()
        box.click()

    def button(self, name: str) -> QPushButton:
        return self.dialog.findChild(QPushButton, name)

    def press(self, name: str) -> None:
        self.desk.until(self.button(name).isEnabled)
        self.desk.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)
        self.desk.window.activateWindow()
        self.desk.until(self.desk.window.isActiveWindow)

    @property
    def text(self) -> str:
        return "\n".join(each.text() for each in self.dialog.findChildren(QLabel) if each.isVisible())


def opened(open_desk, folder):
    desk = open_desk([folder])
    desk.until(lambda: desk.session.studio.controller.page is not None)
    return desk


def test_what_a_format_cannot_carry_is_told_before_anything_is_written_and_counted_in_this_case(open_desk, make_case):
    desk = opened(open_desk, make_case(drawn=2, count=3))
    dialog = LabelDialog(desk, "export_labels")
    desk.until(lambda: "2 images with 2 regions will be exported." in dialog.text)
    assert "1 image with neither stays out." in dialog.text
    for traits in FORMATS.values():
        dialog.choose(traits.format)
        assert all(loss in dialog.text for loss in traits.losses.values())
    dialog.choose(LabelFormat.YOLO_SEG)
    assert "2 regions have holes. Holes are filled" in dialog.text
    assert "2 regions have several parts." in dialog.text
    dialog.choose(LabelFormat.COCO)
    assert "holes" not in dialog.text.lower() or "are all carried" in dialog.text
    desk.press("Escape", on=dialog.dialog)
    desk.until(lambda: not desk.session.labels.is_busy)


def test_labels_are_exported_in_parts_and_the_end_is_told(open_desk, make_case, tmp_path):
    desk = opened(open_desk, make_case(drawn=3, count=3))
    dialog = LabelDialog(desk, "export_labels")
    proposed = dialog.dialog.findChild(QLineEdit, "label_folder").text()
    assert Path(proposed).name == "Harbour-labels-mani"
    dialog.choose(LabelFormat.COCO)
    assert dialog.dialog.findChild(QLineEdit, "label_folder").text().endswith("Harbour-labels-coco")
    dialog.write("label_folder", tmp_path / "labels")
    dialog.choose(LabelFormat.MANI)
    assert dialog.dialog.findChild(QLineEdit, "label_folder").text() == str(tmp_path / "labels")
    dialog.check("split")
    dialog.dialog.findChild(QSpinBox, "split_train").setValue(50)
    desk.until(lambda: "will be exported" in dialog.text)
    assert "= 70 %" in dialog.text and not dialog.button("label_export").isEnabled()
    dialog.dialog.findChild(QSpinBox, "split_val").setValue(50)
    dialog.press("label_export")
    desk.until(lambda: "were exported to" in desk.message)
    assert "3 images with 3 regions" in desk.message
    manifest = json.loads((tmp_path / "labels" / "manifest.json").read_text(encoding="utf-8"))
    assert {entry["part"] for entry in manifest["images"]} == {"train", "val"}
    assert desk.app._handlers.places.saved_to == str(tmp_path)


def test_a_folder_that_holds_something_is_refused_in_a_sentence(open_desk, make_case, tmp_path):
    desk = opened(open_desk, make_case())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    dialog = LabelDialog(desk, "export_labels")
    dialog.write("label_folder", tmp_path / "full")
    dialog.press("label_export")
    desk.until(lambda: "full" in desk.message)
    assert desk.window.problems.problems
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_case_without_a_label_says_so_and_exports_nothing(open_desk, make_case):
    desk = opened(open_desk, make_case(drawn=0))
    dialog = LabelDialog(desk, "export_labels")
    desk.until(lambda: "draw or mark one first" in dialog.text)
    assert not dialog.button("label_export").isEnabled()
    desk.press("Escape", on=dialog.dialog)


@pytest.mark.parametrize("chosen", [LabelFormat.COCO, LabelFormat.LABELME])
def test_imported_regions_appear_on_the_canvas_at_once_and_one_undo_takes_them_back(
    chosen, open_desk, make_case, tmp_path
):
    first = opened(open_desk, make_case("First"))
    dialog = LabelDialog(first, "export_labels")
    dialog.choose(chosen)
    dialog.write("label_folder", tmp_path / "labels")
    dialog.press("label_export")
    first.until(lambda: "exported to" in first.message)
    first.close()

    desk = opened(open_desk, make_case("Second", drawn=0))
    hand = Easel(desk)
    dialog = LabelDialog(desk, "import_labels")
    dialog.choose(chosen)
    dialog.write("label_path", tmp_path / "labels")
    dialog.press("label_import")
    desk.until(lambda: desk.message.startswith("Imported: "))
    desk.until(lambda: bool(hand.annotation.regions))
    assert hand.annotation.mask == with_hole(SIZE)
    entry = desk.window.catalog.catalog.item(desk.window.catalog.catalog.shown[0]).entry
    desk.until(lambda: desk.window.catalog.catalog.item(desk.window.catalog.catalog.shown[0]).entry.regions == 1)
    assert entry.name == "img_1.jpg"
    assert desk.window.actions_["undo"].text() == "&Undo Import labels"
    hand.key("Ctrl+Z")
    hand.settle()
    assert hand.annotation.regions == ()


def test_labels_of_other_images_are_told_and_stand_in_the_problems(open_desk, make_case, tmp_path):
    labels = tmp_path / "labels.json"
    images = [{"id": 1, "file_name": "elsewhere.jpg", "width": 96, "height": 64}]
    shape = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9]], "iscrowd": 0}
    categories = [{"id": 1, "name": "splice"}]
    labels.write_text(json.dumps({"images": images, "annotations": [shape], "categories": categories}))
    desk = opened(open_desk, make_case())
    dialog = LabelDialog(desk, "import_labels")
    dialog.choose(LabelFormat.COCO)
    desk.ask.chosen_labels = labels
    desk.qtbot.mouseClick(
        next(each for each in dialog.dialog.findChildren(QPushButton) if each.text() == "File…"),
        Qt.MouseButton.LeftButton,
    )
    dialog.press("label_import")
    desk.until(lambda: "could not be matched" in desk.message)
    assert [each.subject for each in desk.window.problems.problems] == ["elsewhere.jpg"]


def test_a_case_that_can_only_be_read_exports_and_says_why_it_does_not_import(open_desk, make_case, tmp_path):
    folder = make_case()
    with closing(CaseSession.open(folder, author="Ben")):
        desk = opened(open_desk, folder)
        assert not desk.is_enabled("import_labels")
        assert desk.window.actions_["import_labels"].toolTip() == desk.session.case.read_only
        dialog = LabelDialog(desk, "export_labels")
        dialog.write("label_folder", tmp_path / "labels")
        dialog.press("label_export")
        desk.until(lambda: "was exported to" in desk.message)
        assert (tmp_path / "labels" / "manifest.json").is_file()


def test_closing_the_case_stops_an_export_and_leaves_nothing(open_desk, make_case, tmp_path, photographs):
    desk = opened(open_desk, make_case(drawn=2))
    desk.pace.decode_s = 2.0
    dialog = LabelDialog(desk, "export_labels")
    dialog.choose(LabelFormat.COCO)
    dialog.write("label_folder", tmp_path / "labels")
    dialog.press("label_export")
    desk.until(lambda: desk.session.labels.is_busy)
    assert desk.is_enabled("stop")
    desk.run("close_case")
    desk.until(lambda: not desk.session.case.holds_files)
    assert not (tmp_path / "labels").exists()
    assert not desk.session.labels.is_busy

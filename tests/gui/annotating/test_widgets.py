"""What strip, panel, field and hint show."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLineEdit, QMainWindow, QMenu, QSpinBox, QToolButton, QWidget

from forensic_gui.domain.annotation import (
    Annotation,
    Conclusion,
    Confidence,
    Kind,
    MaskMaker,
    MaskOrigin,
    Region,
    RegionDetails,
)
from forensic_gui.domain.errors import SegmenterError
from forensic_gui.domain.geometry import Box, Point, Size
from forensic_gui.domain.mask import Mask
from forensic_gui.domain.prompt import PointPrompt, Prompts
from forensic_gui.services.ports import SegmenterInfo
from forensic_gui.views.annotating.hint import Hint
from forensic_gui.views.annotating.icons import SIDE_PX, tool_icon
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.annotating.region_list import RegionList
from forensic_gui.views.annotating.regions_panel import EMPTY, NO_CASE, RegionsPanel
from forensic_gui.views.annotating.segmenter_field import Choice, SegmenterField, field_text
from forensic_gui.views.annotating.segmenters import LoadingSegmenter, NoSegmenter, NotLoaded, SegmenterReady
from forensic_gui.views.annotating.tool_strip import ToolStrip
from forensic_gui.views.core.commands.draw import TOOL_COMMANDS
from forensic_gui.views.core.gestures import Tool
from forensic_gui.views.core.regions import area_text, maker_text, signature_text
from forensic_gui.views.menus import Actions
from forensic_gui.views.theme import palette

SIZE = Size(20, 10)
ORIGIN = MaskOrigin(MaskMaker.SEGMENTER, "sam-vit-b")


def region(region_id: str = "a", *, width: int = 10, **details) -> Region:
    inside = np.zeros(SIZE.shape, np.bool_)
    inside[:, :width] = True
    return Region(region_id, Mask.of(inside), RegionDetails("Ann", "2026-01-02T03:04:05.678+00:00", **details))


@pytest.fixture
def actions(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    yield Actions(window)


@pytest.fixture
def panel(qtbot, actions):
    made = RegionsPanel(actions)
    qtbot.addWidget(made)
    made.resize(330, 420)
    made.show()
    return made


def part(of: QWidget, kind: type, name: str):
    found = of.findChild(kind, name)
    assert found is not None, name
    return found


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, "By hand"),
        ({"origin": ORIGIN, "prompts": Prompts(Box(0, 0, 3, 3))}, "SAM ViT-B from a box"),
        (
            {
                "origin": MaskOrigin(MaskMaker.SEGMENTER, "grabcut", edited=True),
                "prompts": Prompts(Box(0, 0, 3, 3), (PointPrompt(Point(1, 1)), PointPrompt(Point(2, 2)))),
            },
            "GrabCut from a box and 2 points, then by hand",
        ),
        ({"origin": MaskOrigin(MaskMaker.MODEL, "boxprompt-student-224")}, "Model boxprompt-student-224"),
        ({"origin": MaskOrigin(MaskMaker.MODEL_REFINED, "sam-vit-b")}, "SAM ViT-B from the model's mask"),
        ({"origin": MaskOrigin(MaskMaker.IMPORTED, "coco")}, "Imported (coco)"),
        ({"origin": MaskOrigin(MaskMaker.IMPORTED)}, "Imported"),
    ],
)
def test_the_maker_of_a_mask_is_named_in_words(details, words):
    assert maker_text(region(**details)) == words


def test_area_and_signature_are_said_plainly():
    assert area_text(region()) == "50.0 %"
    assert signature_text(region()) == "Ann, 2026-01-02 03:04 UTC"


def test_the_panel_says_how_to_begin(panel):
    shown = [child.text() for child in panel.findChildren(QWidget) if hasattr(child, "text") and child.isVisible()]
    assert NO_CASE in shown
    panel.show_annotation(Annotation(SIZE), selected=None, editable=True)
    shown = [child.text() for child in panel.findChildren(QWidget) if hasattr(child, "text") and child.isVisible()]
    assert EMPTY in shown


def test_the_panel_lists_regions_and_a_click_on_one_selects_it(qtbot, panel):
    annotation = Annotation(SIZE, (region("a"), region("b", width=4, kind=Kind.SPLICE, confidence=Confidence.HIGH)))
    panel.show_annotation(annotation, selected="a", editable=True)
    rows = part(panel, RegionList, "regions")
    assert [[rows.topLevelItem(row).text(column) for column in range(3)] for row in range(2)] == [
        ["Unknown", "50.0 %", "By hand"],
        ["Splice, high", "20.0 %", "By hand"],
    ]
    chosen = []
    panel.selected.connect(chosen.append)
    place = rows.visualItemRect(rows.topLevelItem(1)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert chosen == ["b"]
    panel.show_annotation(annotation, selected="b", editable=True)
    assert chosen == ["b"]
    assert part(panel, QComboBox, "region_kind").currentText() == "Splice"


def test_a_short_list_shows_every_column_beside_its_scroll_bar(qtbot):
    rows = RegionList()
    qtbot.addWidget(rows)
    rows.resize(300, 70)
    rows.show()
    rows.show_regions([region(str(number), kind=Kind.COPY_MOVE) for number in range(9)], selected="0")
    qtbot.waitUntil(rows.verticalScrollBar().isVisible)
    assert sum(rows.columnWidth(column) for column in range(3)) == rows.viewport().width()


def test_kind_confidence_and_note_are_told_when_the_user_changes_them(qtbot, panel):
    panel.show_annotation(Annotation(SIZE, (region("a"),)), selected="a", editable=True)
    told = []
    panel.kind_chosen.connect(told.append)
    panel.confidence_chosen.connect(told.append)
    panel.note_written.connect(told.append)
    for name, key in (("region_kind", Qt.Key.Key_R), ("region_confidence", Qt.Key.Key_H)):
        choice = part(panel, QComboBox, name)
        choice.setFocus()
        qtbot.keyClick(choice, key)
        choice.activated.emit(choice.currentIndex())
    note = part(panel, QLineEdit, "region_note")
    qtbot.keyClicks(note, "a seam at the collar")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    assert told[-1] == "a seam at the collar"
    assert Kind.REMOVAL in told
    assert Confidence.HIGH in told
    assert told.count("a seam at the collar") == 1


def test_a_note_being_written_is_not_written_over(qtbot, panel):
    panel.show_annotation(Annotation(SIZE, (region("a"),)), selected="a", editable=True)
    panel.activateWindow()
    note = part(panel, QLineEdit, "region_note")
    panel.edit_note()
    qtbot.waitUntil(note.hasFocus)
    qtbot.keyClicks(note, "half a sen")
    panel.show_annotation(Annotation(SIZE, (region("a", kind=Kind.SPLICE),)), selected="a", editable=True)
    assert note.text() == "half a sen"
    panel.show_annotation(Annotation(SIZE, (region("b", note="other"),)), selected="b", editable=True)
    assert note.text() == "other"


def test_only_a_copy_move_has_a_source(panel):
    source = part(panel, QToolButton, "button_set_source")
    panel.show_annotation(Annotation(SIZE, (region("a"),)), selected="a", editable=True)
    assert not source.isVisible()
    panel.show_annotation(Annotation(SIZE, (region("a", kind=Kind.COPY_MOVE),)), selected="a", editable=True)
    assert source.isVisible()


def test_a_case_for_reading_only_lets_nothing_be_changed(panel):
    panel.show_annotation(Annotation(SIZE, (region("a"),)), selected="a", editable=False)
    assert not part(panel, QComboBox, "region_kind").isEnabled()
    assert part(panel, QLineEdit, "region_note").isReadOnly()


def test_the_conclusion_is_shown_and_stands_in_the_lists_place(panel):
    panel.show_annotation(Annotation(SIZE, (), Conclusion.NO_MANIPULATION_FOUND), selected=None, editable=True)
    assert part(panel, QWidget, "no_manipulation_found").isChecked()
    shown = [child.text() for child in panel.findChildren(QWidget) if hasattr(child, "text") and child.isVisible()]
    assert any("No manipulation found" in text for text in shown)


def test_the_strip_shows_one_tool_in_hand_and_a_width_only_where_it_draws_with_one(qtbot, actions):
    strip = ToolStrip({tool: actions[command_id] for command_id, tool in TOOL_COMMANDS.items()})
    qtbot.addWidget(strip)
    strip.resize(80, 800)
    strip.show()
    width = part(strip, QSpinBox, "stroke_width")
    for tool in Tool:
        strip.set_tool(tool)
        checked = [each for command_id, each in TOOL_COMMANDS.items() if actions[command_id].isChecked()]
        assert checked == [tool]
        draws_with_one = tool in {Tool.BRUSH, Tool.ERASER, Tool.SCRIBBLE}
        qtbot.waitUntil(lambda draws_with_one=draws_with_one: width.isVisible() == draws_with_one)
    told = []
    strip.width_changed.connect(told.append)
    strip.set_width(40)
    assert told == []
    strip.set_tool(Tool.BRUSH)
    width.setValue(41)
    assert told == [41]


def test_the_strip_says_why_it_is_locked(qtbot, actions):
    strip = ToolStrip({tool: actions[command_id] for command_id, tool in TOOL_COMMANDS.items()})
    qtbot.addWidget(strip)
    tip = actions["tool_box"].toolTip()
    assert "(X)" in tip
    strip.set_locked("Another window has this case open.")
    assert actions["tool_box"].toolTip().startswith("Another window has this case open.\n")
    assert "Another window" not in actions["tool_hand"].toolTip()
    strip.set_locked("")
    assert actions["tool_box"].toolTip() == tip


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("tool", list(Tool))
@pytest.mark.parametrize("density", [1, 2])
def test_icons_are_drawn_in_the_colour_of_text_at_every_density(qapp, tool, dark, density):
    colours = palette(dark=dark)
    pixmap = tool_icon(tool, colours).pixmap(SIDE_PX, SIDE_PX)
    pixmap = tool_icon(tool, colours).pixmap(pixmap.deviceIndependentSize().toSize(), float(density))
    image = pixmap.toImage()
    assert image.width() == SIDE_PX * density
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    inked = [pixel for pixel in pixels if pixel.alpha() > 200]
    text = colours.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText)
    assert 0.05 < len(inked) / len(pixels) < 0.5
    assert all(abs(pixel.lightness() - text.lightness()) < 12 for pixel in inked)


def info(**fields) -> SegmenterInfo:
    return SegmenterInfo("grabcut", "GrabCut (no SAM)", "", "cpu", "OpenCV 5", {}, **fields)


def test_the_field_always_names_the_segmenter_and_what_it_does():
    ready = SegmenterReady(None)  # type: ignore[arg-type]
    assert field_text(NotLoaded(), None, Phase.IDLE).text == "Segmenter: none yet"
    assert field_text(LoadingSegmenter(), None, Phase.IDLE).text == "Segmenter: loading…"
    failed = field_text(NoSegmenter(SegmenterError("It is not installed.")), None, Phase.IDLE)
    assert failed.attention and "It is not installed." in failed.tip
    assert field_text(ready, info(), Phase.ENCODING).text == "Segmenter: GrabCut (no SAM) · encoding…"
    assert field_text(ready, info(), Phase.READY).text == "Segmenter: GrabCut (no SAM) · ready"
    assert field_text(ready, info(), Phase.FAILED).attention


def test_notices_of_the_segmenter_are_marked_and_told():
    told = field_text(SegmenterReady(None), info(notices=("The GPU was left for the CPU.",)), Phase.READY)  # type: ignore[arg-type]
    assert "(!)" in told.text
    assert "The GPU was left for the CPU." in told.tip


def test_a_click_on_the_field_offers_the_segmenters_that_are_installed(qtbot):
    choices = [Choice("grabcut", "GrabCut (no SAM)", True), Choice("sam-vit-b", "SAM ViT-B", False)]
    field = SegmenterField(lambda: choices)
    qtbot.addWidget(field)
    field.show()
    field.tell(field_text(SegmenterReady(None), info(), Phase.READY), current="grabcut")  # type: ignore[arg-type]
    chosen = []
    field.chosen.connect(chosen.append)
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    menu = field.findChild(QMenu)
    texts = [(action.text(), action.isEnabled(), action.isChecked()) for action in menu.actions()]
    assert texts == [("GrabCut (no SAM)", True, True), ("SAM ViT-B (not installed)", False, False)]
    menu.actions()[0].trigger()
    assert chosen == ["grabcut"]
    menu.close()


def test_a_hint_that_lasts_is_said_and_one_that_is_over_at_once_is_not(qtbot):
    canvas = QWidget()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    pane = QWidget(canvas)
    pane.setGeometry(0, 0, 400, 260)  # below it lies the scale of colours
    canvas.show()
    hint = Hint(canvas, over=pane)
    hint.tell("It is cutting out the region…", at_once=False)
    hint.tell("", at_once=True)
    qtbot.wait(400)
    assert not hint.isVisible()
    hint.tell("It is looking at the image…", at_once=False)
    qtbot.waitUntil(hint.isVisible)
    assert hint.geometry().bottom() < 260
    pane.setGeometry(0, 0, 600, 460)
    assert abs(hint.geometry().center().x() - 300) <= 2
    hint.tell("", at_once=True)
    assert not hint.isVisible()


def test_no_field_moves_when_the_kind_becomes_copy_move(panel):
    def places(kind: Kind) -> list[QPoint]:
        panel.show_annotation(Annotation(SIZE, (region("a", kind=kind),)), selected="a", editable=True)
        panel.layout().activate()
        names = ("region_kind", "region_confidence", "region_note", "no_manipulation_found")
        return [part(panel, QWidget, name).mapTo(panel, QPoint(0, 0)) for name in names]

    assert places(Kind.SPLICE) == places(Kind.COPY_MOVE) == places(Kind.UNKNOWN)
    assert not part(panel, QToolButton, "button_set_source").isVisible()

"""What the window remembers, and its light and dark themes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QCheckBox, QDockWidget, QRadioButton, QToolButton, QTreeWidget, QVBoxLayout, QWidget

from forensic_gui.services.ports import Views
from forensic_gui.views.dialogs import ShortcutsDialog
from forensic_gui.views.settings import Remembered, SettingsStore
from forensic_gui.views.theme import Theme, ThemeChoice, failure_colour, palette, quiet_colour, warning_colour

LEAST_OF_CONTROLS = 3.0
"""Contrast of the parts of a control by WCAG 2.1, 1.4.11."""


def luminance(colour: QColor) -> float:
    channels = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.getRgbF()[:3]
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: QColor, other: QColor) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_window_remembers_how_it_was_left(open_desk, photographs):
    desk = open_desk(photographs(1))
    desk.until_analyzed("img_1.jpg")
    desk.run("views_fast")
    desk.run("auto_analyze")
    desk.run("sort_share")
    desk.run("theme_dark")
    desk.session.set_layers(replace(desk.session.layers.settings, colormap="viridis", heatmap_opacity=0.25))
    desk.part("dock_facts").hide()
    desk.window.resize(1111, 666)
    desk.window.close()
    again = open_desk()
    assert again.session.views is Views.FAST
    assert not again.session.auto_analyze
    assert again.window.actions_["views_fast"].isChecked()
    assert again.window.actions_["sort_share"].isChecked()
    assert not again.window.actions_["auto_analyze"].isChecked()
    assert again.app.theme.choice is ThemeChoice.DARK
    assert (again.session.layers.settings.colormap, again.session.layers.settings.heatmap_opacity) == ("viridis", 0.25)
    assert not again.part("dock_facts").isVisible()
    assert again.window.height() == 666
    again.run("theme_system")


def test_settings_that_make_no_sense_count_as_never_set(tmp_path):
    path = tmp_path / "window.ini"
    path.write_text(
        "[window]\ngeometry=nonsense\ntheme=purple\n[layers]\nheatmap_opacity=7\ncolormap=jet\n"
        "contour_visible=maybe\n[analysis]\nviews=[]\nauto=\n[list]\norder=7\n"
    )
    assert replace(SettingsStore(path).load(), geometry=b"") == Remembered()


def test_settings_in_a_place_that_cannot_be_written_are_only_not_kept(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = SettingsStore(blocked / "window.ini")
    store.save(Remembered(folder="somewhere"))
    assert store.load() == Remembered()


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_from_their_ground_in_both_themes(dark):
    colours = palette(dark=dark)
    role = QPalette.ColorRole
    for text, ground in ((role.WindowText, role.Window), (role.Text, role.Base), (role.ButtonText, role.Button)):
        assert contrast(colours.color(text), colours.color(ground)) >= 7
    for ground in (role.Window, role.Base):
        for quiet in (quiet_colour(colours), failure_colour(colours), warning_colour(colours)):
            assert contrast(quiet, colours.color(ground)) >= 4.5
    assert contrast(colours.color(role.HighlightedText), colours.color(role.Highlight)) >= 4.5


def test_a_panel_behind_another_comes_forward_first_and_closes_only_in_sight(open_desk):
    desk = open_desk()
    facts, regions = (desk.window.panel_actions[name] for name in ("Facts", "Regions"))
    dock, other = desk.part("dock_regions"), desk.part("dock_facts")
    desk.until(facts.isChecked)
    assert not regions.isChecked()
    regions.trigger()
    desk.until(lambda: not dock.visibleRegion().isEmpty() and regions.isChecked() and not facts.isChecked())
    regions.trigger()
    desk.until(lambda: not dock.isVisible() and facts.isChecked())
    regions.trigger()
    desk.until(lambda: not dock.visibleRegion().isEmpty() and other.visibleRegion().isEmpty())
    assert regions.isChecked() and not facts.isChecked()


def test_the_overview_of_keys_has_every_panel_and_how_one_draws(open_desk):
    desk = open_desk()
    dialog = ShortcutsDialog(desk.window, panels=desk.window.panel_actions)
    tree = dialog.findChild(QTreeWidget)
    sections = [tree.topLevelItem(index) for index in range(tree.topLevelItemCount())]
    told = {
        part.text(0): {part.child(row).text(0): part.child(row).text(1) for row in range(part.childCount())}
        for part in sections
    }
    docks = desk.window.findChildren(QDockWidget)
    assert set(told["Panels"]) == {f"Show or hide {dock.windowTitle().lower()}" for dock in docks}
    assert told["Panels"]["Show or hide regions"].endswith("5")
    assert told["Drawing on the canvas"]["Take a corner back"] == "Backspace"


def test_the_theme_follows_the_system_while_the_window_is_open(qapp):
    schemes = [Qt.ColorScheme.Light]
    theme = Theme(qapp, system_scheme=lambda: schemes[-1])
    assert qapp.palette().window().color().lightnessF() > 0.5
    schemes.append(Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert qapp.palette().window().color().lightnessF() < 0.5
    theme.choose(ThemeChoice.LIGHT)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert qapp.palette().window().color().lightnessF() > 0.5
    theme.deleteLater()


@pytest.fixture(params=[ThemeChoice.LIGHT, ThemeChoice.DARK])
def themed(request, qapp):
    theme = Theme(qapp, request.param)
    yield theme
    theme.choose(ThemeChoice.LIGHT)
    theme.deleteLater()


@pytest.fixture
def on_a_window(qtbot):
    """Puts a widget on a window, and gives the window back."""

    def put(widget: QWidget) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        QVBoxLayout(window).addWidget(widget)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return put


def pressed_tool_button() -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setCheckable(True)
    button.setChecked(True)
    return button


@pytest.mark.parametrize("make", [QCheckBox, QRadioButton, pressed_tool_button])
def test_the_outline_stands_out_from_the_window(themed, on_a_window, make):
    widget = make()
    window = on_a_window(widget)
    ground = window.palette().color(QPalette.ColorRole.Window)
    image = window.grab().toImage()
    row = widget.geometry().center().y()
    # From the window's edge to the right the first pixels that are not the ground's are the outline's.
    crossed = [image.pixelColor(column, row) for column in range(image.width())]
    first = next(place for place, colour in enumerate(crossed) if colour != ground)
    assert max(contrast(colour, ground) for colour in crossed[first : first + 2]) >= LEAST_OF_CONTROLS


def test_colours_of_words_do_not_change_with_the_outline(themed, on_a_window):
    widget = QCheckBox("Words")
    window = on_a_window(widget)
    assert failure_colour(widget.palette()) == failure_colour(window.palette())
    assert widget.palette().color(QPalette.ColorRole.WindowText) == window.palette().color(
        QPalette.ColorRole.WindowText
    )


def test_the_outline_follows_the_choice(qapp, on_a_window):
    theme = Theme(qapp, ThemeChoice.LIGHT)
    widget = QCheckBox()
    window = on_a_window(widget)
    light = widget.palette().color(QPalette.ColorRole.Window)
    theme.choose(ThemeChoice.DARK)
    assert widget.palette().color(QPalette.ColorRole.Window) != light
    theme.choose(ThemeChoice.LIGHT)
    assert widget.palette().color(QPalette.ColorRole.Window) == light
    assert window.isVisible()
    theme.deleteLater()

"""Dialogs that tell: all keys, and about this program."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from forensic_gui import __version__
from forensic_gui.services.ports import LocalizerInfo
from forensic_gui.views.core.commands import COMMANDS, Menu
from forensic_gui.views.menus import key_texts

# Keys that belong to a widget and to no command.
_CANVAS_KEYS = (
    ("Move the view", "arrow keys; with Shift a whole page"),
    ("Zoom", "+ and −, or the wheel"),
    ("Move the view by hand", "drag"),
)
_DRAWING_KEYS = (
    ("Pan while drawing", "Space or the middle button, and drag"),
    ("Take away", "Alt or the right button"),
    ("Draw a straight line from the last end", "Shift and a click"),
    ("Close a polygon", "Enter or a double click"),
    ("Take a corner back", "Backspace"),
    ("Drop what is being drawn", "Esc"),
)
_NO_PANELS: Mapping[str, QAction] = MappingProxyType({})
# Distributions in the window, with the licence each states.
_PARTS = (
    ("PySide6-Essentials", "LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("torch", "BSD-3-Clause"),
    ("timm", "Apache-2.0"),
    ("segment-anything", "Apache-2.0"),
    ("numpy", "BSD-3-Clause"),
    ("opencv-python-headless", "Apache-2.0"),
    ("pillow", "MIT-CMU"),
    ("pi-heif", "BSD-3-Clause"),
    ("rawpy", "MIT"),
    ("tifffile", "BSD-3-Clause"),
    ("safetensors", "Apache-2.0"),
)


class ShortcutsDialog(QDialog):
    """Every command that has keys, by menu."""

    def __init__(self, parent: QWidget | None = None, *, panels: Mapping[str, QAction] = _NO_PANELS) -> None:
        """Show them.

        Args:
            parent: window it belongs to.
            panels: by name, what shows and hides each.
        """
        super().__init__(parent)
        self.setWindowTitle("Keyboard Shortcuts")
        self.resize(560, 720)
        tree = QTreeWidget(self)
        tree.setColumnCount(2)
        tree.setHeaderLabels(["Command", "Keys"])
        tree.setRootIsDecorated(False)
        tree.setItemsExpandable(False)
        tree.setIndentation(14)
        tree.setAlternatingRowColors(True)
        tree.setAccessibleName("Keyboard shortcuts")
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for menu in Menu:
            rows = [
                (each.plain_text.rstrip("…"), " or ".join(key_texts(each))) for each in COMMANDS if each.menu is menu
            ]
            _add_section(tree, menu.value.replace("&", ""), [row for row in rows if row[1]])
        native = QKeySequence.SequenceFormat.NativeText
        rows = [(f"Show or hide {name.lower()}", each.shortcut().toString(native)) for name, each in panels.items()]
        _add_section(tree, "Panels", rows)
        _add_section(tree, "On the canvas", list(_CANVAS_KEYS))
        _add_section(tree, "Drawing on the canvas", list(_DRAWING_KEYS))
        column = QVBoxLayout(self)
        column.addWidget(tree, 1)
        column.addWidget(_close_button(self))


class AboutDialog(QDialog):
    """Version, licences, and the weights in use."""

    def __init__(self, localizer: LocalizerInfo | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Forensic GUI")
        self.setMinimumWidth(560)
        facts = [
            ("Version", __version__),
            ("Licence", "Apache License 2.0, without warranty"),
            ("Method", "BoxPromptIML, arXiv 2511.20359"),
            *_weights_facts(localizer),
            ("Made with", ", ".join(_parts())),
        ]
        heading = _label("Forensic GUI")
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        heading.setFont(font)
        purpose = _label(
            "Shows where a network responds to traces of manipulation in photographs. Model scores are not "
            "probabilities, and a low score does not show that nothing was done. The examiner decides."
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(facts):
            grid.addWidget(_label(name), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_label(text), row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(14)
        column.addWidget(heading)
        column.addWidget(purpose)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(_close_button(self))


def _weights_facts(localizer: LocalizerInfo | None) -> list[tuple[str, str]]:
    if localizer is None:
        return [("Weights", "none loaded")]
    return [
        ("Weights", localizer.weights_id),
        # In groups, so that the line can break.
        ("SHA-256", " ".join(localizer.weights_sha256[i : i + 16] for i in range(0, 64, 16))),
        ("Runs on", f"{localizer.device}, {localizer.runtime}"),
    ]


def _parts() -> list[str]:
    return [f"{name} {_version(name)} ({licence})" for name, licence in _PARTS]


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "(version not recorded)"


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    box.rejected.connect(dialog.reject)
    return box


def _add_section(tree: QTreeWidget, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    section = QTreeWidgetItem(tree, [title, ""])
    font = tree.font()
    font.setBold(True)
    section.setFont(0, font)
    section.setFirstColumnSpanned(True)
    for row in rows:
        QTreeWidgetItem(section, list(row))
    section.setExpanded(True)

"""A question before something is done that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in plain text.

    Attributes:
        name: by which the dialog is found.
        title: of its window.
        text: the question itself.
        details: what follows from it.
        answer: words of the button that does it; the other one is Cancel, and the default.
    """

    name: str
    title: str
    text: str
    details: str
    answer: str


def ask_first(parent: QWidget, question: Question, *, then: Callable[[], object]) -> QMessageBox:
    """Ask without holding the program up; `then` is called only where the answer is to do it."""
    box = QMessageBox(parent)
    box.setObjectName(question.name)
    box.setWindowTitle(question.title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question.text)
    box.setInformativeText(question.details)
    do_it = box.addButton(question.answer, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    do_it.clicked.connect(lambda _=False: then())
    box.open()
    return box

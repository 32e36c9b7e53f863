"""The form of a report: its parts, its language, whose letterhead it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLabel, QVBoxLayout, QWidget

from forensic_gui.domain.reports.plan import Part, ReportPlan
from forensic_gui.views.core.wording import shown_plainly
from forensic_gui.views.labelling.fields import PathField, words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.door import TemplateFacts
from forensic_gui.views.theme import failure_colour

_PARTS = {
    Part.EXAMINER: ("Examiner's report", "Your words: request, observations, conclusion, reasons, limits."),
    Part.APPENDIX: ("Technical appendix", "What another examiner needs to repeat it: hashes, findings, environment."),
}
assert list(_PARTS) == list(Part)
NO_PART = "A report has at least one part: the last choice stands, {}."
OWN_LETTERHEAD = "No letterhead: the template has none."


class FormPage(QWidget):
    """Fields set the plan; `show_plan` fills them."""

    edited = Signal(object)
    """ReportPlan as the fields have it."""
    templates_asked = Signal(object)
    """Path of a template folder, or None for the program's own."""

    def __init__(self, *, ask_folder: Callable[[], Path | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = ReportPlan()
        self._is_editable = False
        self._parts = {part: self._part(part, title) for part, (title, _) in _PARTS.items()}
        self._language = QComboBox(self)
        self._language.setObjectName("report_language")
        self._language.setAccessibleName("Language")
        self._folder = PathField("template_folder", ("Choose…", ask_folder), parent=self)
        self._folder.edit.setPlaceholderText("the template that comes with the program")
        self._folder.edit.setClearButtonEnabled(True)
        self._letterhead_label = QLabel("Letterhead", self)
        self._letterhead = QLabel(self)
        self._letterhead.setObjectName("report_letterhead")
        self._letterhead.setTextFormat(Qt.TextFormat.PlainText)
        self._letterhead.setWordWrap(True)
        self._letterhead.setFrameShape(QFrame.Shape.StyledPanel)
        self._letterhead.setMargin(10)
        self._letterhead.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._problem = words_label("", self)
        self._problem.setObjectName("report_form_problem")
        self._lay_out()
        self._language.currentIndexChanged.connect(lambda _: self._on_language())
        self._folder.changed.connect(lambda: self.templates_asked.emit(self._folder.path))
        self.set_template(TemplateFacts())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_problem"):
            self._colour()

    def show_plan(self, plan: ReportPlan) -> None:
        """Fill the fields."""
        self._plan = plan
        for part, check in self._parts.items():
            with QSignalBlocker(check):
                check.setChecked(part in plan.parts)
        with QSignalBlocker(self._language):
            if self._language.findData(plan.language) < 0:
                self._language.addItem(words.language_words(plan.language), plan.language)
            self._language.setCurrentIndex(self._language.findData(plan.language))

    def set_editable(self, is_editable: bool) -> None:
        """Let the plan be changed, or only looked at; a template is chosen for looking too."""
        self._is_editable = is_editable
        for check in self._parts.values():
            check.setEnabled(is_editable)
        self._language.setEnabled(is_editable)

    def set_folder(self, folder: Path | None) -> None:
        """Show which template folder is used."""
        with QSignalBlocker(self._folder):
            self._folder.edit.setText("" if folder is None else str(folder))

    def set_template(self, template: TemplateFacts) -> None:
        """Show what the template offers."""
        chosen = self._plan.language
        with QSignalBlocker(self._language):
            self._language.clear()
            for language in dict.fromkeys((*template.languages, chosen)):
                self._language.addItem(words.language_words(language), language)
            self._language.setCurrentIndex(self._language.findData(chosen))
        lines = [shown_plainly(line) for line in template.letterhead]
        lines += ["(with a logo)"] if template.has_logo else []
        self._letterhead.setText("\n".join(lines) or OWN_LETTERHEAD)
        self._letterhead.setEnabled(bool(lines))
        for part in (self._letterhead_label, self._letterhead):
            part.setVisible(not template.problem)  # of a template that cannot be used nobody knows what it has
        self._tell(template.problem)

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 12, 14, 12)
        page.setSpacing(6)
        for part, (_, hint) in _PARTS.items():
            page.addWidget(self._parts[part])
            page.addWidget(_quiet(hint, self))
            page.addSpacing(4)
        for name, field in (
            ("Language of the printed words", self._language),
            ("Template folder", self._folder),
        ):
            label = QLabel(name, self)
            label.setBuddy(field)
            page.addSpacing(8)
            page.addWidget(label)
            page.addWidget(field)
        page.addWidget(self._problem)
        page.addSpacing(8)
        page.addWidget(self._letterhead_label)
        page.addWidget(self._letterhead)
        page.addStretch(1)

    def _part(self, part: Part, title: str) -> QCheckBox:
        check = QCheckBox(title, self)
        check.setObjectName(f"report_part_{part.value}")
        check.toggled.connect(lambda _: self._on_parts())
        return check

    def _on_parts(self) -> None:
        parts = tuple(part for part in Part if self._parts[part].isChecked())
        self._tell("" if parts else NO_PART.format(_named(self._plan.parts)))
        if parts:
            self._edit(replace(self._plan, parts=parts))

    def _on_language(self) -> None:
        language = self._language.currentData()
        if language is not None:
            self._edit(replace(self._plan, language=language))

    def _edit(self, plan: ReportPlan) -> None:
        if plan != self._plan and self._is_editable:
            self._plan = plan
            self.edited.emit(plan)

    def _tell(self, problem: str) -> None:
        self._problem.setText(shown_plainly(problem))
        self._problem.setVisible(bool(problem))
        self._colour()

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        self._problem.setPalette(palette)


def _named(parts: tuple[Part, ...]) -> str:
    return " and ".join(_PARTS[part][0] for part in parts)


def _quiet(text: str, parent: QWidget) -> QLabel:
    label = words_label("", parent)
    label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    label.setIndent(24)
    label.setText(text)
    return label

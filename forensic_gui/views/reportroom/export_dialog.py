"""Asks where a report's file goes, and whether it is signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from forensic_gui.domain.reports.revision import IssuedRevision
from forensic_gui.services.reporting.contract import Form, ReportRequest
from forensic_gui.views.labelling.fields import PathField, words_label
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.door import ExportChoice, SigningChoice
from forensic_gui.views.theme import failure_colour
from forensic_gui.widgets.question import Question, ask_first

_FORMS = {Form.PDF: "PDF, to be read and signed", Form.HTML: "HTML, one file that needs no network"}
NETWORK = "Asks this service for a time stamp: the only thing here that uses the network. It learns the file's hash."
PASSWORD = "Used once for this file and kept nowhere."
ONLY_PDF = "Only a PDF is signed."
TRYING = "Opening the key…"
_SIGN_ROW = 3
TryKey = Callable[[SigningChoice, Callable[[str], None]], None]


class ExportReportDialog(QDialog):
    """State is set by the fields; sentences and the button follow it."""

    asked = Signal(object)
    """ExportChoice: the user wants it done."""

    def __init__(
        self,
        *,
        folder: Path,
        case: str,
        revisions: tuple[IssuedRevision, ...],
        seen: int | None,
        templates: Path | None,
        ask_place: Callable[[Path], Path | None],
        ask_key: Callable[[], Path | None],
        try_key: TryKey,
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            folder: in which a file is proposed.
            case: name of the case, of which the file's is made.
            revisions: issued ones, the oldest first.
            seen: number of the revision that is previewed, which is proposed; None for the draft.
            templates: the user's template folder.
            ask_place: asks for another place, given a proposal.
            ask_key: asks for a PKCS#12 file.
            try_key: tells, a moment later, why a key cannot be signed with; "" where it can.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Export Report")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        self._in, self._case, self._templates = folder, case, templates
        self._try_key = try_key
        self._told = ""
        self._proposed: Path | None = None
        self._which = self._combo("report_which", "Which report")
        for each in reversed(revisions):
            self._which.addItem(words.revision_words(each), each.issue.number)
        self._which.addItem("The draft, every page marked DRAFT", 0)
        self._which.setCurrentIndex(self._which.findData(seen or 0))
        self._form = self._combo("report_form", "Form")
        for form, name in _FORMS.items():
            self._form.addItem(name, form.value)
        self._place = PathField("report_place", ("Choose…", lambda: ask_place(self._chosen_place())), parent=self)
        self._sign = QCheckBox("Sign it with my key", self)
        self._sign.setObjectName("report_sign")
        self._key = PathField("report_key", ("Choose…", ask_key), parent=self)
        self._key.edit.setPlaceholderText("a PKCS#12 file, .p12 or .pfx")
        self._password = QLineEdit(self)
        self._password.setObjectName("report_password")
        self._password.setAccessibleName("Password of the key")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._stamp = QCheckBox("Have the time stamped", self)
        self._stamp.setObjectName("report_stamp")
        self._url = QLineEdit(self)
        self._url.setObjectName("report_stamp_url")
        self._url.setAccessibleName("Address of the time-stamping service")
        self._url.setPlaceholderText("https://…")
        self._said = words_label("", self)
        self._said.setObjectName("report_export_said")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._export = self._buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self._export.setObjectName("report_export_now")
        self._lay_out()
        self._connect()
        self._follow()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_export"):
            self._follow()

    def done(self, result: int) -> None:
        """Close; a key that is still being tried is not waited for."""
        self._told = ""
        super().done(result)

    def _connect(self) -> None:
        for combo in (self._which, self._form):
            combo.currentIndexChanged.connect(lambda _: self._follow())
        for check in (self._sign, self._stamp):
            check.toggled.connect(lambda _: self._follow())
        for path in (self._place, self._key):
            path.changed.connect(self._on_typed)
        for line in (self._password, self._url):
            line.textChanged.connect(lambda _: self._on_typed())
        self._buttons.accepted.connect(self._ask)
        self._buttons.rejected.connect(self.reject)

    def _combo(self, name: str, told: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName(name)
        combo.setAccessibleName(told)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return combo

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("Report", self._which)
        form.addRow("Form", self._form)
        form.addRow("File", self._place)
        form.addRow("Signature", self._sign)
        form.addRow("Key", self._key)
        form.addRow("Password", _with_hint(self._password, PASSWORD))
        form.addRow("Time", self._stamp)
        form.addRow("Service", _with_hint(self._url, NETWORK))
        self._rows = form
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self._said)
        column.addStretch(1)
        column.addWidget(self._buttons)

    def _follow(self) -> None:
        form = Form(self._form.currentData())
        self._propose(form)
        can_sign = form is Form.PDF
        self._sign.setEnabled(can_sign)
        signs = can_sign and self._sign.isChecked()
        stamps = signs and self._stamp.isChecked()
        for field in (self._key, self._password, self._stamp):
            field.setEnabled(signs)
        self._url.setEnabled(stamps)
        for row, is_shown in zip(range(_SIGN_ROW + 1, self._rows.rowCount()), (signs,) * 3 + (stamps,), strict=True):
            self._rows.setRowVisible(row, is_shown)
        self.adjustSize()
        self._sign.setToolTip("" if can_sign else ONLY_PDF)
        self._follow_button()

    def _on_typed(self) -> None:
        self._told = ""
        self._follow_button()

    def _follow_button(self) -> None:
        problem = self._problem or self._told
        self._said.setText(problem)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, failure_colour(palette))
        self._said.setPalette(palette)
        self._export.setEnabled(not self._problem and self._told != TRYING)

    @property
    def _problem(self) -> str:
        """Why it cannot be exported so, a sentence; "" where it can."""
        place, form = self._place.path, Form(self._form.currentData())
        if place is None:
            return "Say which file is to be written."
        if place.suffix.lower() != form:
            return f"The name of the file ends with {form.value}, as its form is."
        if not self._key.isEnabled():
            return ""
        if self._key.path is None:
            return "Choose the file of your key."
        if self._url.isEnabled() and not self._url.text().strip():
            return "Give the address of the time-stamping service."
        return ""

    def _propose(self, form: Form) -> None:
        """A name for each report and form, until the user chooses one."""
        number = self._which.currentData()
        tail = f"report-{number}" if number else "report-draft"
        if self._place.path in (None, self._proposed):
            self._proposed = self._in / f"{self._case}-{tail}{form.value}"
            self._place.set_path(self._proposed)
        else:
            self._place.set_path(self._chosen_place().with_suffix(form.value))

    def _chosen_place(self) -> Path:
        return self._place.path or self._proposed or self._in

    def _ask(self) -> None:
        place = self._chosen_place().absolute()
        if not place.exists():
            self._answer(place, replaces=False)
            return
        question = Question(
            name="ask_replace_report",
            title="Export Report",
            text=f"Replace {place.name}?",
            details="There is a file of this name. It is lost when it is replaced.",
            answer="Replace",
        )
        ask_first(self, question, then=lambda: self._answer(place, replaces=True))

    def _answer(self, place: Path, *, replaces: bool) -> None:
        request = ReportRequest(place, revision=self._which.currentData(), replaces=replaces)
        if not self._key.isEnabled() or self._key.path is None:
            self._end(ExportChoice(request, self._templates))
            return
        url = self._url.text().strip() if self._url.isEnabled() else ""
        signing = SigningChoice(self._key.path.absolute(), self._password.text(), url)
        self._say(TRYING)
        choice = ExportChoice(request, self._templates, signing)
        self._try_key(signing, lambda why: self._on_tried(choice, why))

    def _on_tried(self, choice: ExportChoice, why: str) -> None:
        if self._told != TRYING:
            return  # cancelled, or something else was typed meanwhile
        self._say(why)
        if why:
            self._password.selectAll()
            self._password.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._end(choice)

    def _say(self, told: str) -> None:
        self._told = told
        self._follow_button()

    def _end(self, choice: ExportChoice) -> None:
        self._password.clear()
        self.accept()
        self.asked.emit(choice)


def _with_hint(field: QWidget, text: str) -> QWidget:
    """A field with a quiet sentence right under it."""
    holder = QWidget(field.parentWidget())
    hint = words_label(text, holder)
    hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    column.addWidget(field)
    column.addWidget(hint)
    return holder

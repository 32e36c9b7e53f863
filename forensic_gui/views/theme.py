"""Light and dark: two palettes on one style, following the system or the user's choice."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


class ThemeChoice(StrEnum):
    """Which theme the user wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_R = QPalette.ColorRole
# Text has a contrast of at least 7:1 on its ground, quiet text of at least 4.5:1 (WCAG 2.1, 1.4.6 and 1.4.3).
_LIGHT = {
    _R.Window: "#f3f4f6",
    _R.WindowText: "#1b1f24",
    _R.Base: "#ffffff",
    _R.AlternateBase: "#e9ebee",
    _R.Text: "#1b1f24",
    _R.PlaceholderText: "#646b75",
    _R.Button: "#e6e8eb",
    _R.ButtonText: "#1b1f24",
    _R.BrightText: "#ffffff",
    _R.Highlight: "#1f5fbf",
    _R.HighlightedText: "#ffffff",
    _R.Link: "#1f5fbf",
    _R.LinkVisited: "#6b4fa0",
    _R.ToolTipBase: "#ffffff",
    _R.ToolTipText: "#1b1f24",
    _R.Light: "#ffffff",
    _R.Midlight: "#eef0f2",
    _R.Mid: "#c3c5c8",
    _R.Dark: "#9aa1aa",
    _R.Shadow: "#6c737d",
}
_DARK = {
    _R.Window: "#2b2f35",
    _R.WindowText: "#e4e7ea",
    _R.Base: "#1a1c20",
    _R.AlternateBase: "#25282d",
    _R.Text: "#e4e7ea",
    _R.PlaceholderText: "#a2aab4",
    _R.Button: "#3b4047",
    _R.ButtonText: "#e4e7ea",
    _R.BrightText: "#ffffff",
    _R.Highlight: "#2f6fd0",
    _R.HighlightedText: "#ffffff",
    _R.Link: "#7db2ff",
    _R.LinkVisited: "#b79cf0",
    _R.ToolTipBase: "#3b4047",
    _R.ToolTipText: "#e4e7ea",
    _R.Light: "#50565f",
    _R.Midlight: "#454b53",
    _R.Mid: "#3d4045",
    _R.Dark: "#16181b",
    _R.Shadow: "#0c0d0f",
}
_DISABLED = {_R.WindowText, _R.Text, _R.ButtonText}
# Fusion outlines a control in a darker shade of its Window, which on these is otherwise nearly the colour around it;
# none of them fills itself with that role. The outlines have a contrast of at least 3:1 (WCAG 2.1, 1.4.11).
_OUTLINED = ("QCheckBox", "QRadioButton", "QToolButton")
_OUTLINE_GROUND = {False: "#9299a4", True: "#bcc5d2"}
_FAILURE = {False: "#b3261e", True: "#ff9d94"}
_WARNING = {False: "#8a5a00", True: "#f0c060"}


class Theme(QObject):
    """Keeps the application's palette to the user's choice, and to the system's when that changes."""

    changed = Signal()

    def __init__(
        self,
        application: QApplication,
        choice: ThemeChoice = ThemeChoice.SYSTEM,
        *,
        system_scheme: Callable[[], Qt.ColorScheme] | None = None,
    ) -> None:
        """Theme an application.

        Args:
            application: Qt's.
            choice: the user's.
            system_scheme: tells the system's colour scheme; None asks Qt.
        """
        super().__init__(application)
        self._application = application
        self._system_scheme = system_scheme or application.styleHints().colorScheme
        self._choice = choice
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the user chose."""
        return self._choice

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is shown."""
        if self._choice is ThemeChoice.SYSTEM:
            return self._system_scheme() is Qt.ColorScheme.Dark
        return self._choice is ThemeChoice.DARK

    def choose(self, choice: ThemeChoice) -> None:
        """Show `choice` from now on."""
        self._choice = choice
        self._apply()

    def _apply(self) -> None:
        made = palette(dark=self.is_dark)
        self._application.setPalette(made)
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            made.setColor(group, _R.Window, QColor(_OUTLINE_GROUND[self.is_dark]))
        for name in _OUTLINED:
            # The binding takes no bytes, whatever its types say.
            self._application.setPalette(made, name)  # type: ignore[arg-type]
        self.changed.emit()


def palette(*, dark: bool) -> QPalette:
    """The light or the dark palette."""
    made = QPalette()
    colours = _DARK if dark else _LIGHT
    for role, name in colours.items():
        made.setColor(role, QColor(name))
    for role in _DISABLED:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor("#7d858f" if dark else "#979da6"))
    made.setColor(QPalette.ColorGroup.Disabled, _R.Highlight, QColor(colours[_R.Mid]))
    return made


def quiet_colour(of: QPalette) -> QColor:
    """Text that stays behind."""
    return of.color(QPalette.ColorRole.PlaceholderText)


def failure_colour(of: QPalette) -> QColor:
    """Text and marks of what went wrong."""
    return QColor(_FAILURE[_is_dark(of)])


def warning_colour(of: QPalette) -> QColor:
    """Marks of what deserves a look."""
    return QColor(_WARNING[_is_dark(of)])


def _is_dark(of: QPalette) -> bool:
    # Not by the ground, which is another one for widgets whose outline it gives.
    return of.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText).lightnessF() > 0.5

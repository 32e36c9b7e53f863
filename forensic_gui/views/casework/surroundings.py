"""What a case is shown by, and what of it is on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensic_gui.domain.geometry import Size
from forensic_gui.views.browser_flow import BrowserFlow
from forensic_gui.views.current_image import CurrentImage
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.reporting import Reporter


@dataclass(frozen=True, slots=True)
class CurrentCaseItem:
    """The item of the case that is on the canvas.

    Attributes:
        id: number within the case.
        size: in evidence pixels, stored orientation; None until it is decoded.
    """

    id: int
    size: Size | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a case is shown by.

    Attributes:
        window: the window.
        browser: shows the items.
        current: the image on the canvas.
        report: tells what went wrong.
        stop_analyses: stops what works on items, before they go.
    """

    window: MainWindow
    browser: BrowserFlow
    current: CurrentImage
    report: Reporter
    stop_analyses: Callable[[], None]

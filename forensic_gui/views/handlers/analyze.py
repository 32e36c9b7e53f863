"""Analyzing, and with what."""

from __future__ import annotations

from forensic_gui.services.ports import Views
from forensic_gui.views.handlers.desk import Desk, Table


def analyze_table(desk: Desk) -> Table:
    """What the commands of the Analyze menu do."""
    session, browser = desk.session, desk.session.browser
    return {
        "analyze_current": session.analyze_anew,
        "analyze_selected": lambda: session.analyze_items(browser.selected()),
        "analyze_all": lambda: session.analyze_items(browser.shown()),
        "stop": session.stop,
        "auto_analyze": lambda: session.set_auto_analyze(desk.is_on("auto_analyze")),
        "views_fast": lambda: session.set_views(Views.FAST),
        "views_thorough": lambda: session.set_views(Views.THOROUGH),
        "choose_weights": lambda: _choose_weights(desk),
        "weights": lambda: session.weights.show_weights(choose_file=lambda: _choose_weights(desk)),
        "finetune": lambda: session.weights.show_tuning(
            ask_folder=lambda: desk.ask.folder("Dataset: a Folder with Tp, Gt and perhaps Au", desk.places.to_save())
        ),
    }


def _choose_weights(desk: Desk) -> None:
    path = desk.ask.weights(desk.places.opened)
    if path is not None:
        desk.session.localizers.load(str(path))

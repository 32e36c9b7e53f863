"""The report of the case, and views that are pinned to it."""

from __future__ import annotations

from pathlib import Path

from forensic_gui.domain.reports.plan import PinnedView
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.reportroom import words
from forensic_gui.views.reportroom.pinning import picture_of, stored_part
from forensic_gui.views.reportroom.room import AskPlaces

_NO_CASE = "A report is of a case: open one first, or make one of what is open."
_NOT_SHOWN = "Show an image of the case first."
_NOT_SEEN = "Nothing of the image is seen: move it into sight first."
_REPORTS = "Reports (*.pdf *.html)"


def report_table(desk: Desk) -> Table:
    """What the commands of the Report menu do."""
    return {
        "report": lambda: desk.session.reports.show(ask=_places(desk)),
        "pin_view": lambda: _pin_view(desk),
        "review_report": lambda: desk.session.reports.show(ask=_places(desk), reviews=True),
    }


def explain_report(desk: Desk) -> None:
    """Say why commands of the report cannot be run."""
    case, actions = desk.session.case, desk.window.actions_
    missing = "" if case.is_open else _NO_CASE
    for command_id in ("report", "review_report"):
        actions.explain(command_id, missing)
    shown = "" if desk.session.current.decoded is not None else _NOT_SHOWN
    actions.explain("pin_view", missing or case.read_only or shown)


def _pin_view(desk: Desk) -> None:
    session = desk.session
    item, decoded, scene_part = session.current.item, session.current.decoded, session.canvas.seen
    if item is None or item.entry is None or decoded is None:
        return
    if scene_part is None:
        session.report.warn(_NOT_SEEN)
        return
    facts = decoded.facts
    picture = picture_of(
        session.layers.settings,
        has_heatmap=session.current.examination is not None,
        has_regions=bool(item.entry.regions),
    )
    box = stored_part(scene_part, orientation=facts.orientation, stored=facts.stored)
    view = PinnedView(item.entry.id, picture, box)
    told = words.pinned_words(view, item.name)
    caption = desk.ask.caption(told)
    if caption is not None:
        session.reports.pin(PinnedView(item.entry.id, picture, box, caption), told=told)


def _places(desk: Desk) -> AskPlaces:
    def saved(folder: Path) -> None:
        desk.places.saved_to = str(folder)

    return AskPlaces(
        folder=lambda: desk.ask.folder("Template Folder", desk.places.to_save()),
        report=lambda proposal: desk.ask.place("Export Report", proposal, _REPORTS),
        key=lambda: desk.ask.key(desk.places.to_save()),
        to_save=lambda: Path(desk.places.to_save()),
        saved=saved,
    )

"""What there is for commands to work on."""

from __future__ import annotations

from collections.abc import Iterator

from forensic_gui.views.core.commands import Needs
from forensic_gui.views.handlers.case import available_in_case
from forensic_gui.views.handlers.desk import Desk
from forensic_gui.views.handlers.draw import available_to_draw


def available(desk: Desk) -> Iterator[Needs]:
    """Everything a command may need that is there now."""
    session = desk.session
    have = {
        Needs.ITEMS: bool(len(desk.window.catalog.catalog)),
        Needs.SELECTION: desk.window.browser.list.selectionModel().hasSelection(),
        Needs.IMAGE: session.current.decoded is not None,
        Needs.HEATMAP: session.current.examination is not None,
    }
    yield from (need for need, there in have.items() if there)
    needs_localizer = {
        Needs.READY_ITEMS: Needs.ITEMS,
        Needs.READY_SELECTION: Needs.SELECTION,
        Needs.READY_IMAGE: Needs.IMAGE,
    }
    yield from (need for need, also in needs_localizer.items() if session.localizer is not None and have[also])
    yield from available_to_draw(desk)
    yield from available_in_case(desk)
    if session.weights.comparison.is_on:
        yield Needs.COMPARING
    if session.is_busy:
        yield Needs.RUNNING

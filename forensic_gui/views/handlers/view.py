"""Going from image to image, looking at one, and how the window looks."""

from __future__ import annotations

from dataclasses import replace

from forensic_gui.views.core.items import Order
from forensic_gui.views.handlers.desk import Desk, Table
from forensic_gui.views.theme import ThemeChoice


def view_table(desk: Desk) -> Table:
    """What the commands of the View menu do."""
    session, catalog, theme = desk.session, desk.window.catalog, desk.theme
    browser, canvas = session.browser, session.canvas
    return {
        "next_image": lambda: browser.step(1),
        "previous_image": lambda: browser.step(-1),
        "sort_name": lambda: catalog.sort_by(Order.NAME),
        "sort_share": lambda: catalog.sort_by(Order.SHARE),
        "sort_group": lambda: catalog.sort_by(Order.GROUP),
        "sort_added": lambda: catalog.sort_by(Order.ADDED),
        "fit": canvas.fit,
        "one_to_one": canvas.one_to_one,
        "zoom_in": canvas.zoom_in,
        "zoom_out": canvas.zoom_out,
        "toggle_heatmap": lambda: session.set_layers(
            replace(session.layers.settings, heatmap_visible=desk.is_on("toggle_heatmap"))
        ),
        "toggle_contour": lambda: session.set_layers(
            replace(session.layers.settings, contour_visible=desk.is_on("toggle_contour"))
        ),
        "toggle_fill": lambda: session.set_layers(
            replace(session.layers.settings, fill_visible=desk.is_on("toggle_fill"))
        ),
        "theme_system": lambda: theme.choose(ThemeChoice.SYSTEM),
        "theme_light": lambda: theme.choose(ThemeChoice.LIGHT),
        "theme_dark": lambda: theme.choose(ThemeChoice.DARK),
    }


def check_layers(desk: Desk) -> None:
    """Let the commands that show layers say which are shown."""
    actions, layers = desk.window.actions_, desk.session.layers.settings
    actions.check("toggle_heatmap", layers.heatmap_visible)
    actions.check("toggle_contour", layers.contour_visible)
    actions.check("toggle_fill", layers.fill_visible)

"""Putting canvas and layer panel into the window. Importing this takes what the first frame must not wait for."""

from __future__ import annotations

from forensic_gui.views.annotating.furniture import beside, furnish
from forensic_gui.views.canvas.view import configure_pyqtgraph
from forensic_gui.views.lanes import Lanes
from forensic_gui.views.layers.panel import LayerPanel
from forensic_gui.views.main_window import MainWindow
from forensic_gui.views.session import Session
from forensic_gui.views.settings import Remembered
from forensic_gui.views.toolbox import Toolbox


def assemble(window: MainWindow, toolbox: Toolbox, lanes: Lanes, remembered: Remembered) -> Session:
    """Make what is left of the window, and set it to work. Runs on the window's thread."""
    configure_pyqtgraph()
    layers, furniture = LayerPanel(window), furnish(window, known_segmenters=toolbox.known_segmenters)
    window.attach(beside(furniture.strip, furniture.canvas), layers, furniture.panel, image=furniture.canvas)
    window.statusBar().insertPermanentWidget(1, furniture.field)
    window.catalog.sort_by(remembered.order)
    session = Session(window, furniture=furniture, layers=layers, toolbox=toolbox, lanes=lanes, remembered=remembered)
    session.reports.templates = remembered.templates
    return session

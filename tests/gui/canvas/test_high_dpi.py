"""On dense screens one evidence pixel is still one screen pixel."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Qt reads the scale once, before the first application: each ratio needs a process of its own.
SCRIPT = """
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import LayerSettings, Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph

application = QApplication([])
configure_pyqtgraph()
view = EvidenceView()
view.resize(401, 303)
view.show()
application.processEvents()
image = np.random.default_rng(0).integers(0, 256, (1500, 1700, 3), dtype=np.uint8)
view.set_scene(Scene("dense", image))
view.set_layers(LayerSettings(heatmap_visible=False, contour_visible=False))
view.one_to_one()
pane = next(pane for pane in view.findChildren(Pane) if pane.isVisible())
shown = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
height, width = shown.height(), shown.width()
pixels = np.frombuffer(shown.constBits(), np.uint8).reshape(height, -1)[:, : 3 * width].reshape(height, width, 3)
top, left = (1500 - height) // 2, (1700 - width) // 2
around = [image[y : y + height, x : x + width] for y in (top, top + 1) for x in (left, left + 1)]
# A pane whose height is no whole number of screen pixels ends within one, which a picture of it has nevertheless.
whole = slice(int(pane.height() * shown.devicePixelRatio()))
print(width, view.zoom_percent, any(np.array_equal(part[whole], pixels[whole]) for part in around))
"""


@pytest.mark.parametrize(("scale", "width"), [("1.5", 602), ("2", 802)])
def test_one_to_one_means_screen_pixels_at_any_ratio(scale: str, width: int) -> None:
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.stdout.split() == [str(width), "100.0", "True"], run.stderr


DRAWING = """
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from forensic_gui.views.canvas.pane import Pane
from forensic_gui.views.canvas.scene import Scene
from forensic_gui.views.canvas.view import EvidenceView, configure_pyqtgraph
from forensic_gui.views.core.gestures import BoxDrawn, Tool

application = QApplication([])
configure_pyqtgraph()
view = EvidenceView()
view.resize(400, 300)
view.show()
application.processEvents()
view.set_scene(Scene("dense", np.full((1500, 1700, 3), 128, np.uint8)))
view.one_to_one()
view.set_tool(Tool.BOX)
told = []
view.gesture.connect(told.append)
pane = next(pane for pane in view.findChildren(Pane) if pane.isVisible())
QTest.mousePress(pane.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 40))
QTest.mouseMove(pane.viewport(), QPoint(150, 90))
application.processEvents()
QTest.mouseRelease(pane.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(150, 90))
box = next(gesture for gesture in told if isinstance(gesture, BoxDrawn)).box
shown = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
height, width = shown.height(), shown.width()
pixels = np.frombuffer(shown.constBits(), np.uint8).reshape(height, -1)[:, : 3 * width].reshape(height, width, 3)
rows, columns = np.nonzero((pixels != 128).any(axis=2))
print(box.x1 - box.x0, box.y1 - box.y0, columns.min(), columns.max(), rows.min(), rows.max())
"""


def test_on_a_dense_screen_a_box_is_drawn_and_told_under_the_hand() -> None:
    environment = os.environ | {"QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", DRAWING], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    width, height, left, right, top, bottom = (float(value) for value in run.stdout.split())
    assert (width, height) == pytest.approx((201, 101), abs=1), "two evidence pixels for each logical one"
    assert (left, right) == pytest.approx((100, 300), abs=6)
    assert (top, bottom) == pytest.approx((80, 180), abs=6)

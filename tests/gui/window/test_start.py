"""The first frame waits for nothing it does not show."""

from __future__ import annotations

import os
import subprocess
import sys

# What paints the first frame may import Qt's own libraries and numpy, and nothing heavier.
SCRIPT = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "timm", "torchvision", "pyqtgraph", "cv2", "PIL"}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Blocked())
from pathlib import Path
from forensic_gui.views.app import Application, make_application
from forensic_gui.views.settings import SettingsStore

qt = make_application()
app = Application(qt, paths=[], store=SettingsStore(Path(sys.argv[1])))
app._load = lambda: None
app.window.first_painted.disconnect()
app.window.first_painted.connect(lambda: (print("painted"), app.window.close()))
app.start()
qt.exec()
"""


def test_the_first_frame_is_painted_without_torch_canvas_or_decoders(tmp_path, checkout):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "window.ini")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=checkout,
        check=False,
    )
    assert result.stdout.splitlines() == ["painted"], result.stderr

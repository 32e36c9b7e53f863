"""Draw the application's icon in every size and container that systems ask for, from the one SVG.

python packaging/render_icons.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"
NAME = "forensic-gui"
PNG_SIDES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIDES_PX = (16, 24, 32, 48, 64, 128, 256)
LARGEST_PX = 1024


def render(svg: Path, side_px: int) -> Image.Image:
    """The drawing as RGBA, square; drawn at this size, not scaled from another."""
    canvas = QImage(side_px, side_px, QImage.Format.Format_RGBA8888)
    canvas.fill(QColor(0, 0, 0, 0))
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(svg)).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return Image.frombuffer("RGBA", (side_px, side_px), bytes(canvas.constBits()), "raw", "RGBA", 0, 1)


def main() -> int:
    """Write PNG, ICO (Windows) and ICNS (macOS) beside the SVG."""
    svg = ICONS / f"{NAME}.svg"
    drawn = {side: render(svg, side) for side in (*PNG_SIDES_PX, LARGEST_PX)}
    for side in PNG_SIDES_PX:
        drawn[side].save(ICONS / f"{NAME}-{side}.png", optimize=True)
    others = [drawn[side] for side in ICO_SIDES_PX[:-1]]
    sizes = [(side, side) for side in ICO_SIDES_PX]
    drawn[256].save(ICONS / f"{NAME}.ico", append_images=others, sizes=sizes)
    drawn[LARGEST_PX].save(ICONS / f"{NAME}.icns", append_images=[drawn[side] for side in (32, 64, 128, 256, 512)])
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The colour scale of a heatmap, drawn as SVG: unlike backgrounds, it is always printed."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from forensic_gui.domain.plain_text import plain_line
from forensic_gui.report.document import ColourScale

_WIDTH, _LEFT, _BAR_TOP, _BAR_HEIGHT = 600, 10, 18, 16
_BANDS = 64
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@lru_cache(maxsize=16)  # items of one report share one or two scales
def scale_drawing(scale: ColourScale) -> Markup:
    """The scale from 0 to 1, its threshold marked.

    Bands in place of a gradient need no name, which would have to differ from drawing to drawing.
    """
    bands = Markup("").join(_band(index, scale.colours) for index in range(_BANDS))
    ticks = Markup("").join(_tick(value) for value in _TICKS)
    mark = "" if scale.threshold is None else _mark(scale.threshold)
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        _WIDTH + 2 * _LEFT, _BAR_TOP + _BAR_HEIGHT + 18, plain_line(scale.caption), bands, ticks, mark
    )


def _band(index: int, colours: tuple[tuple[int, int, int], ...]) -> Markup:
    width = _WIDTH / _BANDS
    red, green, blue = _colour_at((index + 0.5) / _BANDS, colours)
    # A little wider than its share: no white line shows between two bands.
    return Markup('<rect x="{:.2f}" y="{}" width="{:.2f}" height="{}" fill="#{:02x}{:02x}{:02x}"/>').format(
        _LEFT + index * width, _BAR_TOP, width + (0.4 if index + 1 < _BANDS else 0), _BAR_HEIGHT, red, green, blue
    )


def _colour_at(value: float, colours: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
    """The colour of a score in [0, 1], on lines between the colours of the scale."""
    position = value * (len(colours) - 1)
    before = min(int(position), len(colours) - 2)
    part = position - before
    low, high = colours[before], colours[before + 1]
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _tick(value: float) -> Markup:
    x, top = _LEFT + value * _WIDTH, _BAR_TOP + _BAR_HEIGHT
    return Markup(
        '<line x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}" stroke="#59616b"/>'
        '<text x="{0:.1f}" y="{3}" font-size="11" text-anchor="middle" fill="#59616b">{4:g}</text>'
    ).format(x, top, top + 3, top + 14, value)


def _mark(threshold: float) -> Markup:
    x = _LEFT + threshold * _WIDTH
    return Markup(
        '<path d="M{0:.1f} {1} l-5 -9 h10 z" fill="#1a1d21"/>'
        '<line x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}" stroke="#fff" stroke-width="2"/>'
        '<line x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}" stroke="#1a1d21"/>'
    ).format(x, _BAR_TOP, _BAR_TOP + _BAR_HEIGHT)

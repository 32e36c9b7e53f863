"""What the window remembers from one session to the next, checked as it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from forensic_gui.services.ports import Views
from forensic_gui.views.canvas.scene import LayerSettings
from forensic_gui.views.core.items import Order
from forensic_gui.views.theme import ThemeChoice

E_ = TypeVar("E_", bound=StrEnum)
LAYOUT_VERSION = 2
# The threshold belongs to the weights and the inspected map to an image: neither is carried over.
_REMEMBERED_LAYERS = (
    "heatmap_visible",
    "heatmap_opacity",
    "colormap",
    "contour_visible",
    "fill_visible",
    "fill_opacity",
    "regions_visible",
    "regions_filled",
    "regions_opacity",
    "difference_visible",
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """Everything that is remembered.

    Attributes:
        geometry: of the window, as Qt packs it; empty for the first time.
        layout: of docks and tool bar, as Qt packs it.
        layers: how layers are shown.
        theme: light, dark or the system's.
        views: which views the localizer looks at.
        auto_analyze: whether an image is analyzed as soon as it is shown.
        order: how the list is sorted.
        folder: where files were opened last; "" for the first time.
        saved_to: where files were saved last; "" for the first time.
        cases_in: folder in which a case was made or opened last; "" for the first time.
        recent_cases: cases that were open lately, the last one first.
        author: in whose name changes in cases are recorded; "" for the name the operating system knows.
        templates: folder of the user's template for reports; "" for the program's own.
    """

    geometry: bytes = b""
    layout: bytes = b""
    layers: LayerSettings = field(default_factory=LayerSettings)
    theme: ThemeChoice = ThemeChoice.SYSTEM
    views: Views = Views.THOROUGH
    auto_analyze: bool = True
    order: Order = Order.NAME
    folder: str = ""
    saved_to: str = ""
    cases_in: str = ""
    recent_cases: tuple[Path, ...] = ()
    author: str = ""
    templates: str = ""


def settings_file() -> Path:
    """Where settings are kept on this system."""
    return Path(platformdirs.user_config_dir("forensic-gui", appauthor=False)) / "window.ini"


class SettingsStore:
    """Reads and writes `Remembered`. What cannot be understood counts as never set."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Remembered:
        """What the last session left."""
        stored = QSettings(str(self._path), QSettings.Format.IniFormat)
        default = Remembered()
        return Remembered(
            geometry=_bytes(stored.value("window/geometry")),
            layout=_bytes(stored.value("window/layout")),
            layers=_layers(stored, default.layers),
            theme=_choice(stored.value("window/theme"), ThemeChoice, default.theme),
            views=_choice(stored.value("analysis/views"), Views, default.views),
            auto_analyze=_flag(stored.value("analysis/auto"), default.auto_analyze),
            order=_choice(stored.value("list/order"), Order, default.order),
            folder=str(stored.value("files/folder") or ""),
            saved_to=str(stored.value("files/saved_to") or ""),
            cases_in=str(stored.value("cases/folder") or ""),
            recent_cases=_paths(stored.value("cases/recent")),
            author=str(stored.value("cases/author") or ""),
            templates=str(stored.value("reports/templates") or ""),
        )

    def save(self, remembered: Remembered) -> None:
        """Keep `remembered` for the next session. A folder that cannot be written to loses it, and nothing else."""
        stored = QSettings(str(self._path), QSettings.Format.IniFormat)
        stored.setValue("window/geometry", QByteArray(remembered.geometry))
        stored.setValue("window/layout", QByteArray(remembered.layout))
        stored.setValue("window/theme", remembered.theme.value)
        stored.setValue("analysis/views", remembered.views.value)
        stored.setValue("analysis/auto", remembered.auto_analyze)
        stored.setValue("list/order", remembered.order.value)
        stored.setValue("files/folder", remembered.folder)
        stored.setValue("files/saved_to", remembered.saved_to)
        stored.setValue("cases/folder", remembered.cases_in)
        # One text: Qt's lists come back as a text where they hold a single entry.
        stored.setValue("cases/recent", json.dumps([str(path) for path in remembered.recent_cases]))
        stored.setValue("cases/author", remembered.author)
        stored.setValue("reports/templates", remembered.templates)
        kept = asdict(remembered.layers)
        for name in _REMEMBERED_LAYERS:
            stored.setValue(f"layers/{name}", kept[name])
        stored.sync()


def _layers(stored: QSettings, default: LayerSettings) -> LayerSettings:
    kept: dict[str, Any] = {}
    types = {each.name: type(getattr(default, each.name)) for each in fields(default)}
    for name in _REMEMBERED_LAYERS:
        value = stored.value(f"layers/{name}")
        if types[name] is bool:
            kept[name] = _flag(value, getattr(default, name))
        elif types[name] is float:
            kept[name] = _share(value, getattr(default, name))
        elif value in ("inferno", "viridis", "cividis", "magma", "grey"):
            kept[name] = value
    return replace(default, **kept)


def _paths(value: object) -> tuple[Path, ...]:
    try:
        names = json.loads(str(value))
    except ValueError:
        return ()
    if not isinstance(names, list):
        return ()
    return tuple(Path(name) for name in names if isinstance(name, str) and name)


def _bytes(value: object) -> bytes:
    return bytes(value.data()) if isinstance(value, QByteArray) else b""


def _flag(value: object, default: bool) -> bool:
    # An INI file knows only texts; a value of this session comes back as it was set.
    return {"true": True, "false": False}.get(str(value).lower(), default)


def _share(value: object, default: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return default
    return number if 0.0 <= number <= 1.0 else default


def _choice(value: object, kind: type[E_], default: E_) -> E_:
    return next((each for each in kind if each.value == value), default)

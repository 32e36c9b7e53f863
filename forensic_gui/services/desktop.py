"""Whether a window can be opened here: a display, and on Linux the system libraries that Qt loads.

Qt aborts the process when its platform plug-in misses a library, so this is looked at before Qt is imported.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping

from forensic_gui.domain.errors import InstallationError

# Library -> Debian and Ubuntu package, for the libraries that Qt's wheels take from the system.
ALWAYS_NEEDED: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
NEEDED_ON_X11: Mapping[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}

UNSEEN_PLATFORMS = frozenset({"offscreen", "minimal", "minimalegl"})


def has_display(environment: Mapping[str, str], *, platform: str = sys.platform) -> bool:
    """Whether a window would be seen: on Linux a display, or a Qt platform chosen that draws on one; elsewhere always.

    Args:
        environment: environment variables, as `os.environ`.
        platform: `sys.platform` of the machine asked about.
    """
    if not platform.startswith("linux"):
        return True
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.partition(":")[0] not in UNSEEN_PLATFORMS
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def missing_packages(
    environment: Mapping[str, str],
    *,
    platform: str = sys.platform,
    load: Callable[[str], object] = ctypes.CDLL,
) -> tuple[str, ...]:
    """Debian and Ubuntu packages with the libraries that Qt would not find, in the order of the tables.

    Args:
        environment: environment variables; they decide which of Qt's platforms is going to be used.
        platform: `sys.platform` of this machine; only Linux takes these libraries from the system.
        load: raises OSError when the library of this name cannot be loaded.
    """
    if not platform.startswith("linux"):
        return ()
    needed = {**ALWAYS_NEEDED, **(NEEDED_ON_X11 if _is_x11(environment) else {})}
    return tuple(package for library, package in needed.items() if not _loads(library, load))


def require_desktop(environment: Mapping[str, str]) -> None:
    """Return when a window can be opened.

    Raises:
        InstallationError: there is no display, or libraries are missing; the sentence names the packages.
    """
    # A platform chosen by name is taken at its word: tests draw a window into memory.
    if not (has_display(environment) or environment.get("QT_QPA_PLATFORM")):
        raise InstallationError(
            "There is no display to open a window on: use `forensic-gui analyze`, or set DISPLAY or WAYLAND_DISPLAY."
        )
    packages = missing_packages(environment)
    if packages:
        raise InstallationError(
            "The window needs system libraries that are not installed; on Debian or Ubuntu: "
            f"sudo apt-get install {' '.join(packages)}"
        )


def _is_x11(environment: Mapping[str, str]) -> bool:
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.startswith("xcb")
    return bool(environment.get("DISPLAY")) and not environment.get("WAYLAND_DISPLAY")


def _loads(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True

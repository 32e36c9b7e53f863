from __future__ import annotations

import pytest

from forensic_gui.domain.errors import InstallationError
from forensic_gui.services.desktop import (
    ALWAYS_NEEDED,
    NEEDED_ON_X11,
    has_display,
    missing_packages,
    require_desktop,
)


def loader_without(*absent: str):
    def load(library: str) -> None:
        if library in absent:
            raise OSError(f"{library}: cannot open shared object file")

    return load


@pytest.mark.parametrize(
    ("environment", "seen"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "offscreen:configfile=screens.json", "DISPLAY": ":0"}, False),
    ],
)
def test_linux_has_a_display_only_when_the_environment_names_one(environment: dict[str, str], seen: bool) -> None:
    assert has_display(environment, platform="linux") is seen


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_always_have_a_display_and_need_no_packages(platform: str) -> None:
    assert has_display({}, platform=platform)
    assert missing_packages({}, platform=platform, load=loader_without(*ALWAYS_NEEDED)) == ()


def test_a_missing_library_is_named_by_its_package() -> None:
    packages = missing_packages(
        {"DISPLAY": ":0"}, platform="linux", load=loader_without("libEGL.so.1", "libxcb-cursor.so.0")
    )
    assert packages == ("libegl1", "libxcb-cursor0")


@pytest.mark.parametrize(
    "environment",
    [{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}],
)
def test_x11_libraries_are_asked_for_only_on_x11(environment: dict[str, str]) -> None:
    assert missing_packages(environment, platform="linux", load=loader_without(*NEEDED_ON_X11)) == ()


def test_nothing_is_missing_where_everything_loads() -> None:
    assert missing_packages({"DISPLAY": ":0"}, platform="linux", load=loader_without()) == ()


def test_without_a_display_the_sentence_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensic_gui.services.desktop.has_display", lambda _: False)
    with pytest.raises(InstallationError, match="forensic-gui analyze"):
        require_desktop({})


def test_a_window_may_be_drawn_into_memory_where_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensic_gui.services.desktop.missing_packages", lambda _: ())
    require_desktop({"QT_QPA_PLATFORM": "offscreen"})


def test_missing_libraries_are_told_as_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensic_gui.services.desktop.missing_packages", lambda _: ("libegl1", "libxcb-cursor0"))
    with pytest.raises(InstallationError, match="sudo apt-get install libegl1 libxcb-cursor0"):
        require_desktop({"QT_QPA_PLATFORM": "xcb"})

"""What of the layers is carried over to the next session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from forensic_gui.views.canvas.scene import LayerSettings
from forensic_gui.views.settings import Remembered, SettingsStore


def test_how_my_regions_are_shown_is_remembered_and_the_threshold_is_not(tmp_path: Path) -> None:
    shown = LayerSettings(
        heatmap_visible=False,
        regions_visible=False,
        regions_filled=True,
        regions_opacity=0.25,
        difference_visible=True,
        threshold=0.9,
    )
    SettingsStore(tmp_path / "window.ini").save(replace(Remembered(), layers=shown))
    found = SettingsStore(tmp_path / "window.ini").load().layers
    assert found == replace(shown, threshold=LayerSettings().threshold)


def test_damaged_settings_of_layers_count_as_never_set(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    path.write_text("[layers]\nregions_visible=perhaps\nregions_opacity=7\ndifference_visible=\n", encoding="utf-8")
    assert SettingsStore(path).load().layers == LayerSettings()

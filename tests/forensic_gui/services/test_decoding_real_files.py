"""Real photographs and files that broke decoders in the past; skipped where their folder is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensic_gui.domain.errors import DecoderCrashed, DecodeTimedOut, EvidenceError
from forensic_gui.services.decoding import DecodeLimits, DecoderProcess, default_command
from forensic_gui.services.listing import ListedFile, find_evidence

# A plain margin, and stray bytes that cameras and editors leave between two segments.
HARMLESS = ("one single colour", "extraneous bytes before marker")


def test_malformed_files_give_pixels_or_one_sentence(shared_data: Path) -> None:
    folder = shared_data / "malformed-images"
    if not folder.is_dir():
        pytest.skip("no malformed images in the photographs folder")
    with DecoderProcess(default_command(), DecodeLimits(timeout_s=20)) as decoder:
        for path in sorted(folder.iterdir()):
            try:
                pixels = decoder.decode(path).pixels
            except (DecoderCrashed, DecodeTimedOut) as error:
                pytest.fail(f"{path.name}: {error}")
            except EvidenceError as error:
                assert str(error).endswith("."), path.name
                assert "\n" not in str(error), path.name
            else:
                assert pixels.ndim == 3, path.name


def test_camera_originals_decode_with_no_warning_but_harmless_ones(shared_data: Path) -> None:
    folder = shared_data / "photos" / "camera"
    if not folder.is_dir():
        pytest.skip("no camera originals in the photographs folder")
    with DecoderProcess(default_command()) as decoder:
        files = [found.path for found in find_evidence([folder]) if isinstance(found, ListedFile)]
        assert files
        for path in files:
            decoded = decoder.decode(path)
            assert decoded.pixels.shape[:2] == decoded.facts.stored.shape
            unexpected = [
                warning for warning in decoded.facts.warnings if not any(word in warning for word in HARMLESS)
            ]
            assert not unexpected, path.name

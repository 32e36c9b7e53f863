"""`forensic-gui metadata`: what it prints of files that say the worst of themselves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from forensic_gui.cli.main import main
from tests.boxprompt.data.exif_blocks import ascii_entry, block, exif_segment, jpeg_with, long_entry


@pytest.fixture
def plain(tmp_path: Path) -> bytes:
    path = tmp_path / "plain.jpg"
    Image.new("RGB", (16, 16), (120, 90, 40)).save(path, quality=50)
    return path.read_bytes()


@pytest.fixture
def photograph(tmp_path: Path, plain: bytes) -> Path:
    """A JPEG with an embedded thumbnail, and a description that would colour the terminal."""
    entries = [ascii_entry(0x010E, "\x1b[31mred\u202e".encode())]

    def made(at: int) -> bytes:
        return block(entries, [long_entry(0x0201, at), long_entry(0x0202, len(plain))], tail=plain)

    path = tmp_path / "photograph.jpg"
    path.write_bytes(jpeg_with(plain, exif_segment(made(len(made(0)) - len(plain)))))
    return path


def test_the_hash_comes_first_and_nothing_reaches_the_terminal_unescaped(
    photograph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["metadata", str(photograph)]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0] == f"SHA-256  {hashlib.sha256(photograph.read_bytes()).hexdigest()}"
    assert "can say anything of itself" in text
    assert "  ImageDescription  \\x1b[31mred\\u202e" in text
    assert "\n   16  11  10  16  24  40  51  61\n" in text
    assert "JPEG, 16 x 16 pixels" in text
    assert not [character for character in text if not (character.isprintable() or character == "\n")]


def test_json_has_the_values_as_they_are(photograph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metadata", str(photograph), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    record = json.loads(line)
    assert ["Image", "ImageDescription", "\x1b[31mred\u202e"] in record["tags"]
    assert record["sha256"] == hashlib.sha256(photograph.read_bytes()).hexdigest()


def test_the_thumbnail_is_written_byte_for_byte_and_over_nothing(
    photograph: Path, plain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "thumbnail.jpg"
    assert main(["metadata", str(photograph), "--thumbnail", str(out)]) == 0
    assert out.read_bytes() == plain
    assert main(["metadata", str(photograph), "--thumbnail", str(out)]) == 2
    before = photograph.read_bytes()
    assert main(["metadata", str(photograph), "--thumbnail", str(photograph), "--replace"]) == 2
    assert photograph.read_bytes() == before


def test_without_a_thumbnail_none_is_made(plain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "thumbnail.jpg"
    assert main(["metadata", str(tmp_path / "plain.jpg"), "--thumbnail", str(out)]) == 1
    assert not out.exists()
    assert "no embedded thumbnail" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metadata", str(tmp_path / "absent.jpg")]) == 1
    assert "absent.jpg: The file does not exist." in capsys.readouterr().err

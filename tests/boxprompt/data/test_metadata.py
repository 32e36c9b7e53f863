"""What files say of themselves, sound and hostile ones, made on the spot."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import random
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from boxprompt.data.metadata import ReadMetadata, read_metadata
from tests.boxprompt.data.exif_blocks import UNDEFINED, ascii_entry, block, exif_segment, jpeg_with, long_entry, segment

# Annex K.1 of ITU-T T.81: what libjpeg writes at quality 50, row by row.
LUMINANCE_50 = """
    16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
    18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99
"""


def encoded(form: str = "JPEG", *, side: int = 16, **options: object) -> bytes:
    pixels = np.arange(side * side * 3, dtype=np.uint32).reshape(side, side, 3).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def tags(read: ReadMetadata) -> dict[tuple[str, str], str]:
    return {(group, name): value for group, name, value in read.record["tags"]}


def said(read: ReadMetadata) -> str:
    return " ".join(read.record["warnings"])


def with_exif(exif: bytes) -> ReadMetadata:
    return read_metadata(jpeg_with(encoded(), exif_segment(exif)))


def test_entries_come_in_the_order_of_the_file_with_their_groups() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    exif.get_ifd(0x8769)[0x829A] = IFDRational(1, 125)
    exif.get_ifd(0x8825)[1] = "N"
    found = read_metadata(encoded(exif=exif.tobytes()))
    read = tags(found)
    assert found.record["tags"][0] == ["File", "Format", "JPEG"]
    assert read["Image", "Make"] == "Maker"
    assert read["Image", "Orientation"] == "Rotated 90 CW"
    assert read["EXIF", "ExposureTime"] == "1/125"
    assert read["GPS", "GPSLatitudeRef"] == "N"
    assert found.record["warnings"] == []
    assert found.record["parser"] == "ExifRead"


def test_quantisation_tables_are_row_by_row() -> None:
    tables = read_metadata(encoded(quality=50)).record["tables"]
    assert [table["id"] for table in tables] == [0, 1]
    assert tables[0]["values"] == [int(number) for number in LUMINANCE_50.split()]
    assert read_metadata(encoded("PNG")).record["tables"] == []


def test_the_embedded_thumbnail_comes_with_its_size_and_hash() -> None:
    small = encoded(side=8)
    directory = [long_entry(0x0201, 0), long_entry(0x0202, len(small))]
    at = len(block([ascii_entry(0x010F, b"Maker")], directory))
    exif = block([ascii_entry(0x010F, b"Maker")], [long_entry(0x0201, at), directory[1]], tail=small)
    read = with_exif(exif)
    assert read.thumbnail == small
    assert read.record["thumbnail"] == {
        "format": "JPEG",
        "width_px": 8,
        "height_px": 8,
        "size_bytes": len(small),
        "sha256": hashlib.sha256(small).hexdigest(),
    }


@pytest.mark.parametrize(
    ("content", "claimed", "sentence"),
    [
        (b"no picture at all", None, "The embedded thumbnail: reading stopped"),
        (b"\xff\xd8\xff", 70_000, "beyond the end"),
    ],
)
def test_a_broken_thumbnail_is_told_and_the_rest_is_read(content: bytes, claimed: int | None, sentence: str) -> None:
    def made(at: int) -> bytes:
        second = [long_entry(0x0201, at), long_entry(0x0202, claimed or len(content))]
        return block([ascii_entry(0x010F, b"Maker")], second, tail=content)

    read = with_exif(made(len(made(0)) - len(content)))
    assert sentence in said(read)
    assert tags(read)["Image", "Make"] == "Maker"
    assert read.record["thumbnail"] is None or read.record["thumbnail"]["width_px"] == 0


def test_a_huge_thumbnail_is_measured_and_left() -> None:
    def made(at: int) -> bytes:
        second = [long_entry(0x0201, at), long_entry(0x0202, 2 << 20)]
        return block([ascii_entry(0x010F, b"Maker")], second, tail=bytes(2 << 20))

    png = encoded("PNG")
    exif = made(len(made(0)) - (2 << 20))
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    read = read_metadata(png[:33] + chunk + png[33:])
    assert read.thumbnail == b""
    assert read.record["thumbnail"]["size_bytes"] == 2 << 20
    assert "the limit is 1048576" in said(read)


def test_markup_links_and_marks_are_kept_as_they_are() -> None:
    hostile = "<script>alert(1)</script> javascript:x \u202egnp.\x07".encode()
    assert tags(with_exif(block([ascii_entry(0x010E, hostile)])))["Image", "ImageDescription"] == hostile.decode()


def test_a_text_of_ten_megabytes_is_shortened_and_says_how_long_it_is() -> None:
    tiff = block([ascii_entry(0x010E, b"a" * 10_000_000)])
    read = read_metadata(tiff)
    value = tags(read)["Image", "ImageDescription"]
    assert len(value) == 500
    assert value.endswith("… (10000000 characters)")
    assert len(json.dumps(read.record)) < 5000


def test_bytes_that_are_no_text_are_hexadecimal() -> None:
    read = tags(with_exif(block([ascii_entry(0x8298, b"\xa9 somebody")])))
    assert read["Image", "Copyright"] == "0xa920736f6d65626f647900"


def test_a_comment_is_read_in_the_characters_that_it_names() -> None:
    comment = b"UNICODE\0" + "größer".encode("utf-16-le")
    exif = block([long_entry(0x8769, 26)], tail=block([(0x9286, UNDEFINED, len(comment), comment)])[8:])
    # The values of the second directory were placed for its own header.
    at = exif.index(comment)
    exif = exif[:26] + exif[26:].replace(struct.pack("<I", at - 18), struct.pack("<I", at), 1)
    assert tags(with_exif(exif))["EXIF", "UserComment"] == "größer"


def test_directories_that_follow_themselves_are_read_once() -> None:
    own = block([ascii_entry(0x010F, b"Maker")], [long_entry(0x0100, 3)], following=(0, 8))
    first = block([ascii_entry(0x010F, b"Maker")], following=(8,))
    for exif in (own, first):
        assert tags(with_exif(exif))["Image", "Make"] == "Maker"
    # EXIF data that point to the directory which points to them
    assert ("EXIF", "ExifOffset") in tags(with_exif(block([long_entry(0x8769, 8)])))


def test_wrong_offsets_give_a_warning_and_no_invented_zeros() -> None:
    exif = block([(0x829A, 5, 2, b"\xf0\xff\0\0"), ascii_entry(0x010F, b"Maker")])
    read = with_exif(exif)
    assert tags(read)["Image", "ExposureTime"] == ""
    assert tags(read)["Image", "Make"] == "Maker"
    assert "Image ExposureTime points beyond the end of the data." in said(read)


def test_of_many_entries_five_hundred_are_kept_and_the_rest_is_counted() -> None:
    read = with_exif(block([long_entry(0xC000 + number, number) for number in range(800)]))
    assert len(read.record["tags"]) == 500
    assert read.record["left_out"] == 800 - 500 + 2 + 1  # the format and two segments stand before them
    assert read_metadata(b"").record["left_out"] == 0


def test_directories_made_to_cost_hours_cost_a_moment() -> None:
    rows = struct.pack("<HHII", 0xC000, 5, 999, 8) * 65_000
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 65_000) + rows + bytes(9000)
    began = time.perf_counter()
    read = read_metadata(tiff)
    assert time.perf_counter() - began < 10
    assert "more entries than are read" in said(read)
    assert read.record == read_metadata(tiff).record


def test_a_parser_that_breaks_leaves_what_it_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from exifread.core.exif_header import ExifHeader

    process = ExifHeader._process_tag

    def breaking(self: ExifHeader, *args: object) -> None:
        if len(self.tags) == 1:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "as parsers do")
        process(self, *args)

    monkeypatch.setattr(ExifHeader, "_process_tag", breaking)
    read = with_exif(block([ascii_entry(0x010F, b"Maker"), ascii_entry(0x0110, b"Model")]))
    assert tags(read)["Image", "Make"] == "Maker"
    assert ("Image", "Model") not in tags(read)
    assert "EXIF, Image: reading stopped (UnicodeDecodeError" in said(read)


def test_segments_comments_and_other_metadata_are_told_by_name_and_length() -> None:
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x/>"
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x03abc\0"
    read = tags(
        read_metadata(jpeg_with(encoded(), segment(0xE1, xmp), segment(0xED, iptc), segment(0xFE, b"made\x07by")))
    )
    assert read["JPEG", "APP1 XMP"] == f"{len(xmp)} bytes"
    assert read["JPEG", "APP13 Photoshop 3.0"] == f"{len(iptc)} bytes"
    assert read["JPEG", "IPTC"] == "3 bytes"
    assert read["JPEG", "COM"] == "made\x07by"


def test_texts_of_png_are_read_compressed_or_not_within_limits() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Software", "an editor")
    info.add_text("Story", "long " * 1_000_000, zip=True)
    info.add_itxt("Title", "größer", zip=True)
    read = read_metadata(encoded("PNG", pnginfo=info))
    texts = tags(read)
    assert texts["PNG text", "Software"] == "an editor"
    assert texts["PNG text", "Title"] == "größer"
    assert len(texts["PNG text", "Story"]) == 500
    assert "its end was not read" in said(read)


@pytest.mark.parametrize("form", ["PNG", "WebP", "TIFF", "AVIF"])
def test_exif_is_found_in_other_formats(form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    assert tags(read_metadata(encoded(form, exif=exif)))["Image", "Make"] == "Maker"


def test_bytes_of_no_image_say_so() -> None:
    read = read_metadata(b"%!PS-Adobe-3.0 EPSF-3.0")
    assert read.record["tags"] == []
    assert "no supported image format" in said(read)


def test_the_library_s_messages_become_warnings_and_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read = with_exif(block([ascii_entry(0x8298, b"\xa9 somebody")]))
    assert "Possibly corrupted field Copyright" in said(read)
    assert [record for record in caplog.records if record.name == "exifread" and record.levelno >= 30] == []


def test_damaged_bytes_never_raise_and_always_give_the_same() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0131] = "Maker", "Software" * 20
    exif.get_ifd(0x8769)[0x829A] = IFDRational(1, 125)
    exif.get_ifd(0x8825)[2] = (1.0, 2.0, 3.0)
    sound = [encoded(exif=exif, comment=b"words"), encoded("PNG", exif=exif), encoded("WebP", exif=exif)]
    sound.append(encoded("TIFF", exif=exif))
    rng = random.Random(7)
    for turn in range(300):
        data = bytearray(sound[turn % len(sound)])
        for _ in range(rng.randint(1, 12)):
            data[rng.randrange(min(len(data), 400))] = rng.randrange(256)
        cut = bytes(data[: rng.randint(1, len(data))]) if turn % 3 == 0 else bytes(data)
        assert read_metadata(cut).record == read_metadata(cut).record

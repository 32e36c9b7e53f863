"""Values of EXIF entries as text: as the file has them, or as hexadecimal digits where they are no text."""

from __future__ import annotations

from boxprompt.data.metadata.notes import LONGEST_VALUE

_MOST_HEX_BYTES = LONGEST_VALUE // 2 - 20
# Exif 3.0, table 9: the first eight bytes of a comment name its characters.
_ENCODINGS = {b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "iso2022_jp", b"\0\0\0\0\0\0\0\0": "utf-8"}
_UNICODE = b"UNICODE\0"


def text_or_hex(data: bytes, *, encoding: str = "utf-8") -> str:
    """The text that the bytes are, without the zeros at its end; hexadecimal digits where they are none."""
    try:
        return data.decode(encoding).rstrip("\0")
    except UnicodeDecodeError:
        return hexadecimal(data)


def visible_or_hex(data: bytes) -> str:
    """Visible ASCII as text, all else as hexadecimal digits: for bytes that are said to be of no kind."""
    text = data.rstrip(b"\0")
    return text.decode("ascii") if text and all(32 <= each < 127 for each in text) else hexadecimal(data)


def comment(data: bytes, *, little_endian: bool) -> str:
    """A comment that names its own characters in its first eight bytes."""
    code, text = data[:8], data[8:]
    if code == _UNICODE:
        return text_or_hex(text, encoding="utf-16-le" if little_endian else "utf-16-be")
    return text_or_hex(text, encoding=_ENCODINGS[code]) if code in _ENCODINGS else visible_or_hex(data)


def hexadecimal(data: bytes) -> str:
    """Hexadecimal digits; where there are many, of the beginning, with the number of bytes."""
    if len(data) <= _MOST_HEX_BYTES:
        return f"0x{data.hex()}"
    return f"0x{data[:_MOST_HEX_BYTES].hex()}… ({len(data)} bytes)"

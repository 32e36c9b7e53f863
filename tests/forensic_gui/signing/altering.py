"""What tests of altered reports look at, and how they alter."""

from __future__ import annotations

import re

from forensic_gui.services.checking.checks import Verdict
from forensic_gui.services.checking.verify import VerifiedReport


def wrong(verified: VerifiedReport) -> str:
    return " ".join(check.sentence for check in verified.checks if check.verdict is Verdict.WRONG)


def verdicts(verified: VerifiedReport) -> dict[str, Verdict]:
    return {check.subject: check.verdict for check in verified.checks}


def flipped(data: bytes, bit: int) -> bytes:
    altered = bytearray(data)
    altered[bit // 8] ^= 1 << (bit % 8)
    return bytes(altered)


def hole_of(data: bytes) -> tuple[int, int]:
    """Where the signature's container begins, and where the zeros behind it do."""
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+)", data)
    assert found is not None
    start, end = int(found[1]), int(found[2])
    return start, start + len(data[start:end].rstrip(b">").rstrip(b"0"))

"""What runs on lanes and knows no Qt: the cache of read evidence, and batches."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from forensic_gui.domain.errors import Cancelled, EvidenceDamaged
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.services.progress import CancelToken
from forensic_gui.workers.batch import Assignment, ItemExamined, ItemFailed, ItemStarted, run_batch
from forensic_gui.workers.evidence_cache import EvidenceCache


class Reader:
    """Decodes to ten by ten pixels; counts; refuses files that say so."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.closed = False

    def decode(self, path, *, page=0, max_side_px=None, cancel=None):
        self.reads.append(path.name)
        if path.exists() and path.read_bytes() == b"broken":
            raise EvidenceDamaged("broken")
        facts = DecodeFacts("PNG", "d", "1", Size(10, 10), Orientation.UPRIGHT, "RGB", 8)
        evidence = Evidence(path, path.read_text(), 1, "2024-01-01T00:00:00+00:00")
        return DecodedEvidence(evidence, facts, np.zeros((10, 10, 3), np.uint8), 0, 0)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in "abcd"]
    for path in paths:
        path.write_text(path.name)
    return paths


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def cache(reader) -> EvidenceCache:
    return EvidenceCache(lambda: reader, capacity_bytes=2 * 300)


def test_going_back_reads_nothing_again(cache, reader, files):
    first = cache.read(files[0], cancel=CancelToken())
    cache.read(files[1], cancel=CancelToken())
    assert cache.read(files[0], cancel=CancelToken()) is first
    assert reader.reads == ["a", "b"]


def test_what_was_shown_longest_ago_is_forgotten_first(cache, reader, files):
    for index in (0, 1, 0, 2, 0, 1):
        cache.read(files[index], cancel=CancelToken())
    assert reader.reads == ["a", "b", "c", "b"]


@pytest.mark.parametrize("change", ["contents", "replaced", "touched"])
def test_a_file_that_was_changed_is_read_again(cache, reader, files, change):
    cache.read(files[0], cancel=CancelToken())
    status = files[0].stat()
    if change == "contents":
        files[0].write_text("longer")
    elif change == "replaced":
        files[1].replace(files[0])
        os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    cache.read(files[0], cancel=CancelToken())
    assert reader.reads == ["a", "a"]


def test_reading_anew_never_uses_memory(cache, reader, files):
    cache.read(files[0], cancel=CancelToken())
    cache.read(files[0], cancel=CancelToken(), anew=True)
    assert reader.reads == ["a", "a"]


def test_closing_forgets_and_closes_the_decoder(cache, reader, files):
    cache.read(files[0], cancel=CancelToken())
    cache.close()
    cache.close()
    assert reader.closed


def test_a_batch_reports_each_start_and_end_and_goes_on_after_failures(files, reader):
    files[1].write_bytes(b"broken")
    steps = []
    run_batch(
        [Assignment(number, path) for number, path in enumerate(files)],
        decoder=reader,
        examine=lambda decoded, _: decoded.evidence.sha256,
        report=steps.append,
        cancel=CancelToken(),
    )
    assert [type(step) for step in steps] == [ItemStarted, ItemExamined, ItemStarted, ItemFailed] + [
        ItemStarted,
        ItemExamined,
    ] * 2
    assert [step.item_id for step in steps] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_cancelled_batch_begins_nothing_more(files, reader):
    token = CancelToken()
    steps = []

    def examine(decoded, cancel):
        token.cancel()
        return decoded

    with pytest.raises(Cancelled):
        run_batch(
            [Assignment(number, path) for number, path in enumerate(files)],
            decoder=reader,
            examine=examine,
            report=steps.append,
            cancel=token,
        )
    assert reader.reads == ["a"]
    assert [type(step) for step in steps] == [ItemStarted, ItemExamined]

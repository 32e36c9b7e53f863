"""A pool decodes as many files at a time as it has processes, and whoever waits can stop waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from forensic_gui.domain.errors import Cancelled, EvidenceNotReadable
from forensic_gui.services.decoding import DecoderPool, DecoderProcess, default_command
from forensic_gui.services.progress import CancelToken


class Holding(DecoderProcess):
    """Says when it was given a file, and holds it until it is let go."""

    def __init__(self) -> None:
        super().__init__(default_command())
        self.began, self.go_on = threading.Event(), threading.Event()
        self.closed = 0

    def decode(self, path, **options):
        self.began.set()
        assert self.go_on.wait(10)
        return path

    def metadata(self, path, **options):
        return self.decode(path)

    def close(self) -> None:
        self.closed += 1
        super().close()


@pytest.fixture
def two():
    return Holding(), Holding()


def test_two_files_are_decoded_at_a_time(two):
    with DecoderPool(list(two)) as pool, ThreadPoolExecutor(2) as threads:
        files = [threads.submit(pool.decode, Path("a")), threads.submit(pool.metadata, Path("b"))]
        assert all(each.began.wait(10) for each in two)
        for each in two:
            each.go_on.set()
        assert [file.result() for file in files] == [Path("a"), Path("b")]


def test_a_process_that_is_free_again_takes_the_next_file(two):
    with DecoderPool([two[0]]) as pool:
        two[0].go_on.set()
        assert [pool.decode(Path(name)) for name in "abc"] == [Path(name) for name in "abc"]


def test_who_waits_for_a_process_can_stop(two):
    token = CancelToken()
    with DecoderPool([two[0]]) as pool, ThreadPoolExecutor(2) as threads:
        held = threads.submit(pool.decode, Path("a"))
        assert two[0].began.wait(10)
        waiting = threads.submit(pool.decode, Path("b"), cancel=token)
        token.cancel()
        with pytest.raises(Cancelled):
            waiting.result(10)
        two[0].go_on.set()
        assert held.result(10) == Path("a")


def test_closing_closes_every_process_and_nothing_is_decoded_afterwards(two):
    pool = DecoderPool(list(two))
    pool.close()
    pool.close()
    assert [each.closed for each in two] == [2, 2]
    with pytest.raises(Cancelled):
        pool.decode(Path("a"))


def test_a_file_that_is_refused_leaves_its_process_to_the_next(tmp_path):
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "good.png")
    with DecoderPool([DecoderProcess(default_command())]) as pool:
        with pytest.raises(EvidenceNotReadable):
            pool.decode(tmp_path / "none.png")
        assert pool.decode(tmp_path / "good.png").pixels.shape == (4, 5, 3)
        assert pool.metadata(tmp_path / "good.png")[0] == pool.decode(tmp_path / "good.png").evidence.sha256

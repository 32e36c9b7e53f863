"""COCO's notation of run lengths: theirs, whatever lengths there are, and nothing else is taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.run_text import run_text, runs_of_text


@given(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 40), max_size=12))
def test_lengths_come_back_from_their_text(lengths):
    text = run_text(np.array(lengths, "<u4"))
    assert text.isascii() and text.isprintable()
    assert runs_of_text(text).tolist() == lengths


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=9).filter(lambda runs: sum(runs) > 0))
def test_the_text_is_the_one_that_coco_writes(lengths):
    mask = pytest.importorskip("pycocotools.mask")
    total = sum(lengths)
    encoded = mask.frPyObjects({"size": [total, 1], "counts": lengths}, total, 1)
    assert run_text(np.array(lengths, "<u4")).encode() == encoded["counts"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\x00", "is no part"),
        ("11é", "'é' is no part"),
        ("1p", "'p' is no part"),
        ("1P", "cut off"),
        ("P" * 12 + "0", "more digits"),
        ("o" * 11 + "0", "longer than any image"),
    ],
)
def test_what_is_no_such_text_is_refused(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        runs_of_text(text)

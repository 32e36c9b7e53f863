"""The image that is probably drawn on next: encoded before it is shown, and never at the cost of what is shown."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from forensic_gui.domain.errors import SegmenterError
from forensic_gui.domain.geometry import Box
from forensic_gui.views.annotating.prompter import Phase
from forensic_gui.views.core.gestures import BoxDrawn
from tests.gui.annotating.conftest import picture

BOX = Box(10, 10, 30, 30)


@pytest.fixture
def keeping(table):
    """A drawing table whose segmenter finds on the disk what it has encoded."""
    table.segmenter.info = replace(table.segmenter.info, keeps_encodings=True)
    return table


def test_the_next_image_is_encoded_when_the_one_shown_is_and_is_ready_when_it_comes(keeping):
    keeping.open(1)
    keeping.prompter.look_ahead(picture(2))
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 2]
    keeping.open(2)
    assert keeping.prompter.phase is Phase.READY
    assert keeping.segmenter.encoded == [1, 2]


def test_it_waits_until_the_image_shown_is_encoded(keeping):
    gate = keeping.segmenter.encode_wait.gate = threading.Event()
    keeping.open(1, wait=False)
    keeping.prompter.look_ahead(picture(2))
    assert keeping.prompter.phase is Phase.ENCODING
    gate.set()
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 2]


def test_nothing_is_encoded_ahead_that_would_not_be_kept_on_the_disk(table):
    table.open(1)
    table.prompter.look_ahead(picture(2))
    table.settle()
    assert table.segmenter.encoded == [1]


def test_an_image_that_is_shown_instead_takes_its_place_at_once(keeping):
    keeping.open(1)
    keeping.settle()
    keeping.segmenter.encode_wait.seconds = 0.3
    keeping.prompter.look_ahead(picture(2))
    keeping.open(3, wait=False)
    keeping.until(lambda: keeping.prompter.phase is Phase.READY)
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 3]


def test_never_more_than_one_is_encoded_ahead(keeping):
    keeping.open(1)
    keeping.settle()
    keeping.segmenter.encode_wait.seconds = 0.3
    keeping.prompter.look_ahead(picture(2))
    keeping.prompter.look_ahead(picture(3))
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 3]


def test_what_is_drawn_comes_first_and_the_next_image_after_it(keeping):
    keeping.open(1)
    keeping.settle()
    gate = keeping.segmenter.encode_wait.gate = threading.Event()
    keeping.prompter.look_ahead(picture(2))
    keeping.draw(BoxDrawn(BOX), settle=False)
    keeping.until(lambda: len(keeping.regions) == 1)
    assert keeping.segmenter.encoded == [1]
    gate.set()
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 2]


def test_an_image_that_cannot_be_encoded_ahead_is_told_when_it_is_drawn_on_and_not_before(keeping):
    keeping.open(1)
    keeping.settle()
    keeping.segmenter.failure = SegmenterError("The image is too narrow.")
    keeping.prompter.look_ahead(picture(2))
    keeping.settle()
    assert keeping.told.sentences == []
    assert keeping.prompter.phase is Phase.READY


def test_an_encoding_ahead_that_is_under_way_goes_on_when_its_image_is_shown(keeping):
    """Between two images none is shown for a moment."""
    keeping.open(1)
    keeping.settle()
    gate = keeping.segmenter.encode_wait.gate = threading.Event()
    keeping.prompter.look_ahead(picture(2))
    keeping.prompter.look_at(None)
    keeping.open(2, wait=False)
    assert keeping.prompter.phase is Phase.ENCODING
    gate.set()
    keeping.settle()
    assert keeping.segmenter.encoded == [1, 2]

"""Short texts, estimates, caches and facts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensic_gui.domain.errors import ForensicError
from forensic_gui.domain.evidence import DecodedEvidence, DecodeFacts, Evidence
from forensic_gui.domain.finding import ScoreSummary
from forensic_gui.domain.geometry import Orientation, Size
from forensic_gui.domain.heatmap import Heatmap, Localization
from forensic_gui.services.examination import Examination
from forensic_gui.services.ports import LocalizerInfo, Views
from forensic_gui.views.core import wording
from forensic_gui.views.core.eta import BatchProgress, duration_left, seconds_left
from forensic_gui.views.core.facts import as_text, evidence_sections, examination_sections
from forensic_gui.views.core.items import Analyzed, Analyzing, CouldNot, NotAnalyzed, Waiting
from forensic_gui.views.core.lru import ByteLru
from forensic_gui.views.core.results import ResultStore, Setup


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (1e-6, "< 0.1 %"),
        (0.0274, "2.7 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, text):
    assert wording.share_text(share) == text


def test_every_state_is_told_in_words_and_in_a_sentence():
    states = [NotAnalyzed(), Waiting(), Analyzing(), Analyzed(0.03, 0.9, 0.4), CouldNot("The file is empty.")]
    assert [wording.state_text(state) for state in states] == [
        "Not analyzed",
        "Waiting",
        "Analyzing…",
        "3.0 % over 0.4",
        "Could not be read",
    ]
    assert all(wording.state_explained(state).endswith(".") for state in states)
    assert "0.900" in wording.state_explained(states[3])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("two\nlines\x1b", "two\\nlines\\x1b"),
        ("Ünïcödé 写真.jpg", "Ünïcödé 写真.jpg"),
        ("bad\udcff", "bad\\udcff"),
        ("12\u202f345", "12\u202f345"),
    ],
)
def test_names_are_shown_as_one_harmless_line(text, plain):
    assert wording.shown_plainly(text) == plain


def test_failures_are_sentences():
    assert wording.sentence(ForensicError("It is gone")) == "It is gone."
    assert wording.sentence(ForensicError("")) == "It failed (ForensicError)."


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (49_977, "50.0 kB (49\u202f977 bytes)"),
        (5_000_000, "5.0 MB (5\u202f000\u202f000 bytes)"),
    ],
)
def test_sizes_are_told_roughly_and_exactly(size, text):
    assert wording.bytes_text(size) == text


def test_durations_have_the_unit_that_fits():
    assert [wording.seconds_text(s) for s in (0.163, 1.5, 75)] == ["163 ms", "1.5 s", "1 min 15 s"]
    assert [wording.images(n) for n in (1, 0, 10_000)] == ["1 image", "0 images", "10\u202f000 images"]


def test_the_time_left_follows_the_pace_of_the_last_items():
    assert seconds_left([], started_at=0, total=5) is None
    assert seconds_left([2.0], started_at=0, total=5) == pytest.approx(8)
    slow_then_fast = [10.0 * n for n in range(1, 6)] + [50 + 0.1 * n for n in range(1, 21)]
    assert seconds_left(slow_then_fast, started_at=0, total=125) == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "estimating the time left"),
        (2, "a few seconds left"),
        (31, "about 35 s left"),
        (61, "about 1 min left"),
        (119, "about 2 min left"),
        (3600, "about 1 h 00 min left"),
    ],
)
def test_a_duration_is_told_as_people_say_it(seconds, text):
    assert duration_left(seconds) == text


def test_an_empty_batch_is_done():
    assert BatchProgress(0, 0, 0, None).share == 1.0
    assert BatchProgress(1, 4, 0, None).share == 0.25


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=40), st.integers(0, 20))
def test_a_cache_never_holds_more_than_its_capacity(puts, capacity):
    cache: ByteLru[int, int] = ByteLru(capacity, weigh=lambda size: size)
    kept: dict[int, int] = {}
    for key, size in puts:
        cache.put(key, size)
        kept[key] = size
        assert cache.bytes_kept <= capacity
        assert cache.bytes_kept == sum(size for key, size in kept.items() if key in cache)
        assert (key in cache) == (size <= capacity)


def test_what_was_used_longest_ago_goes_first():
    cache: ByteLru[str, int] = ByteLru(3, weigh=lambda size: size)
    for key in "abc":
        cache.put(key, 1)
    assert cache.get("a") == 1
    cache.put("d", 1)
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    cache.discard("a")
    cache.discard("never there")
    assert len(cache) == 2
    cache.clear()
    assert (len(cache), cache.bytes_kept, cache.get("c")) == (0, 0, None)


def examination(sha256: str = "e" * 64, *, weights: str = "a" * 64, views: Views = Views.FAST) -> Examination:
    grid = np.full((8, 8), 0.25, np.float32)
    return Examination(
        evidence_sha256=sha256,
        localization=Localization(Heatmap(grid, Size(30, 20)), gate_map=grid, stage_seconds={"forward": 0.02}),
        localizer=LocalizerInfo("student-1", weights, "student", 0.4, "cpu", "torch 2", {"input_side_px": 224}),
        views=views,
        scores=ScoreSummary(0.1, 0.9, 0.3, 0.25, 0.7, 0.8),
        threshold=0.4,
        share_over_threshold=0.03,
        seconds=0.05,
    )


def test_a_result_is_found_by_evidence_weights_device_and_views_only():
    store = ResultStore()
    one = examination()
    assert store.put(one) == Analyzed(0.03, 0.9, 0.4)
    setup = Setup.of(one.localizer, Views.FAST)
    assert store.examination("e" * 64, setup) is one
    assert store.examination("f" * 64, setup) is None
    assert store.examination("e" * 64, Setup.of(one.localizer, Views.THOROUGH)) is None
    assert store.examination("e" * 64, Setup("b" * 64, "cpu", Views.FAST)) is None
    assert store.summary(None, setup) is None
    assert store.summary("e" * 64, None) is None


def test_summaries_stay_when_maps_have_to_go():
    store = ResultStore(capacity_bytes=600)
    setup = Setup.of(examination().localizer, Views.FAST)
    for letter in "ef":
        store.put(examination(letter * 64))
    assert store.examination("e" * 64, setup) is None
    assert store.examination("f" * 64, setup) is not None
    assert store.summary("e" * 64, setup) == Analyzed(0.03, 0.9, 0.4)


def decoded(**changes: object) -> DecodedEvidence:
    facts = {
        "format": "TIFF",
        "decoder": "Pillow",
        "decoder_version": "13",
        "stored": Size(30, 20),
        "orientation": Orientation.ROTATED_90_CW,
        "mode": "I;16",
        "bit_depth": 16,
    }
    evidence = Evidence(Path("/evidence/a\nb.tif"), "c" * 64, 4321, "2024-01-01T00:00:00+00:00")
    return DecodedEvidence(evidence, DecodeFacts(**{**facts, **changes}), np.zeros((20, 30, 3), np.uint8), 0.001, 0.02)


def test_facts_tell_everything_about_the_bytes_and_their_decoding():
    text = as_text(
        evidence_sections(
            decoded(pages=3, page=1, choices=("Alpha was dropped.",), warnings=("It ends early.",), parameters={"g": 2})
        )
    )
    for line in (
        "Name\ta\\nb.tif",
        "SHA-256\t" + "c" * 64,
        "Size\t30 × 20 px, 0.0 megapixels",
        "Orientation\tturned by 90° clockwise for the view (EXIF 6)",
        "Colour\tI;16, 16 bits a sample",
        "Page\t2 of 3",
        "Choice\tAlpha was dropped.",
        "Warning\tIt ends early.",
        "g\t2",
    ):
        assert line in text.splitlines()


def test_no_warning_is_told_as_none():
    assert "Warnings\tnone" in as_text(evidence_sections(decoded()))


def test_facts_of_an_analysis_name_all_that_made_it():
    text = as_text(examination_sections(examination()))
    for line in (
        "Over 0.4\t3.0 % of pixels",
        "Highest\t0.900",
        "Weights\tstudent-1",
        "Weights SHA-256\t" + "a" * 64,
        "Device\tcpu",
        "Threshold\t0.4 (weights card)",
        "Time\t50 ms in all, forward 20 ms",
        "input side px\t224",
    ):
        assert line in text.splitlines()

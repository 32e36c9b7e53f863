"""The adapter shows the network an upright image and prompts, and answers in evidence pixels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxprompt.errors import BoxpromptError, DeviceUnavailableError, PromptError, StoppedError, WeightsMismatchError
from boxprompt.teacher.grabcut import GrabCut
from forensic_gui.domain.errors import (
    Cancelled,
    DeviceUnavailable,
    ForensicError,
    OutputError,
    SegmenterError,
)
from forensic_gui.domain.geometry import Box, Orientation, Point, Size
from forensic_gui.domain.prompt import NO_PROMPTS, PointPrompt, Prompts, Scribble
from forensic_gui.services.engine import EngineSegmenter
from forensic_gui.services.progress import CancelToken
from forensic_gui.storage.embeddings import EmbeddingCache, EmbeddingKey
from tests.forensic_gui.services.segmenting.pretend_teacher import PretendTeacher

SECRET = bytes(32)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (13, 21, 3), dtype=np.uint8)


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "cache", secret=lambda: SECRET)


SIZE = Size(21, 13)
box_corners = st.tuples(st.integers(0, 20), st.integers(0, 12)).flatmap(
    lambda corner: st.builds(
        lambda x1, y1: Box(corner[0], corner[1], x1, y1),
        st.integers(corner[0] + 1, 21),
        st.integers(corner[1] + 1, 13),
    )
)
pixel_centres = st.builds(lambda x, y: Point(x + 0.5, y + 0.5), st.integers(0, 20), st.integers(0, 12))


@given(orientation=st.sampled_from(Orientation), box=box_corners, point=pixel_centres)
def test_prompts_in_evidence_pixels_give_a_mask_in_evidence_pixels(
    orientation: Orientation, box: Box, point: Point
) -> None:
    stored = np.random.default_rng(4).integers(0, 256, (13, 21, 3), dtype=np.uint8)
    teacher = PretendTeacher()
    segmenter = EngineSegmenter(teacher)
    encoded = segmenter.encode(stored, orientation=orientation)
    assert np.array_equal(teacher.shown[0], orientation.apply(stored))
    assert teacher.shown[0].flags.c_contiguous
    found = segmenter.decode(encoded, Prompts(box=box, points=(PointPrompt(point),)))
    expected = np.zeros((13, 21), bool)
    expected[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    expected[point.pixel] = True
    assert found.mask.size == SIZE and np.array_equal(found.mask.to_array(), expected)
    assert found.quality == 0.75 and found.seconds >= 0


@given(orientation=st.sampled_from(Orientation), point=pixel_centres)
def test_a_prompt_lies_on_the_same_colour_in_the_view_as_in_the_evidence(
    orientation: Orientation, point: Point
) -> None:
    stored = np.arange(13 * 21, dtype=np.uint16).reshape(13, 21)  # no two alike
    teacher = PretendTeacher()
    segmenter = EngineSegmenter(teacher)
    encoded = segmenter.encode(np.zeros((13, 21, 3), np.uint8), orientation=orientation)
    stroke = Scribble((point, Point(0.5, 0.5)), width_px=3.5, positive=False)
    segmenter.decode(encoded, Prompts(points=(PointPrompt(point, positive=False),), scribbles=(stroke,)))
    (told,) = teacher.told
    view = orientation.apply(stored)
    for x, y in (told.points[0], told.strokes[0].points[0]):
        assert view[int(y), int(x)] == stored[point.pixel]
    assert told.labels.tolist() == [False]
    assert told.strokes[0].width_px == 3.5 and not told.strokes[0].positive and len(told.strokes[0].points) == 2


def test_who_made_a_mask_can_be_recorded() -> None:
    teacher = PretendTeacher(notices=("The device was left.",))
    info = EngineSegmenter(teacher, notices=("No other is installed.",)).info
    assert (info.id, info.name, info.weights_sha256) == ("sam-vit-b", "Pretend SAM", "cd" * 32)
    assert info.parameters == {"input_side_px": 1024, "dtype": "float32"}
    assert info.notices == ("No other is installed.", "The device was left.")
    teacher.device, teacher.notices = "cpu", ("Out of memory.",)
    assert "Out of memory." in EngineSegmenter(teacher).info.notices


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (PromptError("Nowhere."), SegmenterError),
        (WeightsMismatchError("Altered."), SegmenterError),
        (DeviceUnavailableError("No such device."), DeviceUnavailable),
        (BoxpromptError("Anything."), SegmenterError),
    ],
)
def test_failures_of_the_library_are_told_in_the_applications_words(
    theirs: Exception, ours: type[ForensicError], pixels: np.ndarray
) -> None:
    teacher = PretendTeacher()
    segmenter = EngineSegmenter(teacher)
    encoded = segmenter.encode(pixels)
    teacher.failure = theirs
    with pytest.raises(ours, match=str(theirs)):
        segmenter.decode(encoded, NO_PROMPTS)
    with pytest.raises(ours, match=str(theirs)):
        segmenter.encode(pixels)
    teacher.failure = None
    segmenter.encode(pixels)  # its lock was given back


class TestStopping:
    def test_a_stopped_decode_raises_cancelled(self, pixels: np.ndarray) -> None:
        segmenter = EngineSegmenter(PretendTeacher())
        encoded = segmenter.encode(pixels)
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            segmenter.decode(encoded, Prompts(box=Box(1, 1, 5, 5)), cancel=token)

    def test_a_stopped_encode_never_starts(self, pixels: np.ndarray) -> None:
        teacher = PretendTeacher()
        segmenter = EngineSegmenter(teacher)
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            segmenter.encode(pixels, cancel=token)
        assert not teacher.shown
        segmenter.encode(pixels)

    def test_an_encode_that_is_under_way_is_asked_to_stop(self, pixels: np.ndarray, cache: EmbeddingCache) -> None:
        token = CancelToken()

        def stop_half_way(should_stop: Callable[[], bool]) -> None:
            assert not should_stop()
            token.cancel()
            if should_stop():
                raise StoppedError("stopped")

        segmenter = EngineSegmenter(PretendTeacher(during_encode=stop_half_way), embeddings=cache)
        with pytest.raises(Cancelled):
            segmenter.encode(pixels, cancel=token)
        assert cache.size_bytes() == 0

    def test_who_waits_for_another_encode_can_be_stopped_meanwhile(self, pixels: np.ndarray) -> None:
        entered, leave = threading.Event(), threading.Event()

        def wait(_: Callable[[], bool]) -> None:
            entered.set()
            assert leave.wait(10)

        teacher = PretendTeacher(during_encode=wait)
        segmenter = EngineSegmenter(teacher)
        first = threading.Thread(target=segmenter.encode, args=(pixels,))
        first.start()
        try:
            assert entered.wait(10)
            token = CancelToken()
            threading.Timer(0.1, token.cancel).start()
            with pytest.raises(Cancelled):
                segmenter.encode(pixels, cancel=token)
        finally:
            leave.set()
            first.join()
        assert len(teacher.shown) == 1

    def test_a_decode_does_not_wait_for_the_encode_of_another_image(self, pixels: np.ndarray) -> None:
        teacher = PretendTeacher()
        segmenter = EngineSegmenter(teacher)
        encoded = segmenter.encode(pixels)
        entered, leave = threading.Event(), threading.Event()

        def wait(_: Callable[[], bool]) -> None:
            entered.set()
            assert leave.wait(10)

        teacher.during_encode = wait
        other = threading.Thread(target=segmenter.encode, args=(pixels,))
        other.start()
        try:
            assert entered.wait(10)
            assert segmenter.decode(encoded, Prompts(box=Box(0, 0, 2, 2))).mask.area == 4
            assert other.is_alive()
        finally:
            leave.set()
            other.join()


class TestKeptEmbeddings:
    def test_an_image_is_encoded_once_for_all_processes(self, pixels: np.ndarray, cache: EmbeddingCache) -> None:
        first, second = PretendTeacher(), PretendTeacher()
        encoded = EngineSegmenter(first, embeddings=cache).encode(pixels, orientation=Orientation.ROTATED_90_CW)
        again = EngineSegmenter(second, embeddings=cache).encode(pixels, orientation=Orientation.ROTATED_90_CW)
        assert len(first.shown) == 1 and not second.shown
        assert not encoded.from_disk and again.from_disk
        assert np.array_equal(again.encoding.to_arrays()["image"], encoded.encoding.to_arrays()["image"])

    @pytest.mark.parametrize(
        "change",
        [
            {"weights_sha256": "ce" * 32},
            {"dtype": "bfloat16"},
            {"id": "sam-vit-l"},
            {"device": "cuda:0"},
            {"runtime": "pretend 2"},
        ],
    )
    def test_another_segmenter_encodes_for_itself(
        self, pixels: np.ndarray, cache: EmbeddingCache, change: dict[str, str]
    ) -> None:
        EngineSegmenter(PretendTeacher(), embeddings=cache).encode(pixels)
        other = PretendTeacher(**change)
        EngineSegmenter(other, embeddings=cache).encode(pixels)
        assert len(other.shown) == 1

    def test_another_turning_of_the_same_pixels_is_another_image(
        self, pixels: np.ndarray, cache: EmbeddingCache
    ) -> None:
        teacher = PretendTeacher()
        segmenter = EngineSegmenter(teacher, embeddings=cache)
        for orientation in Orientation:
            segmenter.encode(pixels, orientation=orientation)
        assert len(teacher.shown) == 8

    def test_an_embedding_is_kept_under_the_device_it_was_made_on(
        self, pixels: np.ndarray, cache: EmbeddingCache
    ) -> None:
        teacher = PretendTeacher(device="cuda:0")

        def run_out_of_memory(_: Callable[[], bool]) -> None:
            teacher.device = "cpu"

        teacher.during_encode = run_out_of_memory
        EngineSegmenter(teacher, embeddings=cache).encode(pixels)
        on_gpu, on_cpu = PretendTeacher(device="cuda:0"), PretendTeacher()
        assert not EngineSegmenter(on_gpu, embeddings=cache).encode(pixels).from_disk
        assert EngineSegmenter(on_cpu, embeddings=cache).encode(pixels).from_disk

    def test_a_damaged_embedding_is_made_anew(self, pixels: np.ndarray, tmp_path: Path) -> None:
        cache = EmbeddingCache(tmp_path / "cache", secret=lambda: SECRET)
        segmenter = EngineSegmenter(PretendTeacher(), embeddings=cache)
        segmenter.encode(pixels)
        (entry,) = (tmp_path / "cache").iterdir()
        whole = entry.read_bytes()
        entry.write_bytes(whole[:-40] + bytes(40))
        assert not segmenter.encode(pixels).from_disk
        assert entry.read_bytes() == whole

    def test_arrays_that_are_no_encoding_are_made_anew(self, pixels: np.ndarray) -> None:
        class OtherForm:
            def load(self, key: EmbeddingKey) -> Mapping[str, np.ndarray]:
                return {"something": np.zeros(3)}

            def store(self, key: EmbeddingKey, arrays: Mapping[str, np.ndarray]) -> None:
                assert set(arrays) == {"image"}

        teacher = PretendTeacher()
        assert not EngineSegmenter(teacher, embeddings=OtherForm()).encode(pixels).from_disk
        assert len(teacher.shown) == 1

    def test_a_full_disk_costs_the_user_a_notice_and_nothing_else(self, pixels: np.ndarray) -> None:
        class FullDisk:
            tries = 0

            def load(self, key: EmbeddingKey) -> None:
                return None

            def store(self, key: EmbeddingKey, arrays: Mapping[str, np.ndarray]) -> None:
                self.tries += 1
                raise OutputError("No space.")

        full = FullDisk()
        segmenter = EngineSegmenter(PretendTeacher(), embeddings=full)
        for _ in range(2):
            encoded = segmenter.encode(pixels)
            assert segmenter.decode(encoded, Prompts(box=Box(0, 0, 3, 3))).mask.area == 9
        (notice,) = segmenter.info.notices
        assert "No space." in notice and full.tries == 1

    def test_who_waits_while_the_disk_turns_out_to_be_full_still_gets_an_encoding(self, pixels: np.ndarray) -> None:
        class FullDisk:
            def load(self, key: EmbeddingKey) -> None:
                return None

            def store(self, key: EmbeddingKey, arrays: Mapping[str, np.ndarray]) -> None:
                raise OutputError("No space.")

        entered, leave = threading.Event(), threading.Event()

        def wait(_: Callable[[], bool]) -> None:
            entered.set()
            assert leave.wait(10)

        class Waiting(CancelToken):
            def raise_if_cancelled(self) -> None:  # asked by who waits for the turn
                leave.set()

        segmenter = EngineSegmenter(PretendTeacher(during_encode=wait), embeddings=FullDisk())
        first = threading.Thread(target=segmenter.encode, args=(pixels,))
        first.start()
        try:
            assert entered.wait(10)
            encoded = segmenter.encode(pixels, cancel=Waiting())
        finally:
            leave.set()
            first.join()
        assert segmenter.decode(encoded, Prompts(box=Box(0, 0, 3, 3))).mask.area == 9
        assert len(segmenter.info.notices) == 1

    def test_what_costs_nothing_to_encode_is_not_kept(self, pixels: np.ndarray, cache: EmbeddingCache) -> None:
        segmenter = EngineSegmenter(PretendTeacher(keeps_encodings=False), embeddings=cache)
        assert not segmenter.info.keeps_encodings
        assert EngineSegmenter(PretendTeacher(), embeddings=cache).info.keeps_encodings
        segmenter.encode(pixels)
        assert cache.size_bytes() == 0


@pytest.mark.parametrize("orientation", list(Orientation))
def test_grabcut_finds_a_disc_wherever_the_camera_was_held(orientation: Orientation) -> None:
    rows, columns = np.mgrid[:120, :160]
    disc = (rows - 50) ** 2 + (columns - 90) ** 2 < 30**2
    view = np.where(disc[..., None], [200, 60, 40], [40, 90, 160]).astype(np.uint8)
    view += np.random.default_rng(0).integers(0, 9, view.shape, dtype=np.uint8)
    stored = np.ascontiguousarray(orientation.inverse.apply(view))
    size = Size.of(view)
    one = orientation.inverse.to_view(Point(52, 14), stored=size)
    other = orientation.inverse.to_view(Point(128, 86), stored=size)
    box = Box(min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
    segmenter = EngineSegmenter(GrabCut())
    found = segmenter.decode(segmenter.encode(stored, orientation=orientation), Prompts(box=box))
    mask = orientation.apply(found.mask.to_array())
    assert (mask & disc).sum() / (mask | disc).sum() > 0.97
    assert "no SAM" in segmenter.info.name and segmenter.info.weights_sha256 == ""

"""SAM as a teacher: its predictor's answers, one best mask of them, encodings that keep, and devices that fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from boxprompt.errors import ConfigurationError, ImageError, PromptError, StoppedError
from boxprompt.teacher.checkpoints import CHECKPOINTS
from boxprompt.teacher.contracts import Stroke, TeacherPrompts
from boxprompt.teacher.grabcut import GrabCut
from boxprompt.teacher.networks import encoder_steps
from boxprompt.teacher.sam import SamEncoding, SamTeacher
from boxprompt.teacher.sam_prompts import points_along, to_sam
from boxprompt.torchvision_import import import_segment_anything

SIZE = (203, 331)  # odd, and not a divisor of anything
BOX = (40.5, 30.25, 250.0, 180.75)


def points(*xy: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(xy, dtype=np.float32).reshape(-1, 2)


@pytest.fixture(scope="module")
def image() -> NDArray[np.uint8]:
    draws = np.random.default_rng(8)
    blocks = draws.integers(0, 256, (7, 11, 3), dtype=np.uint8)
    return np.ascontiguousarray(np.kron(blocks, np.ones((29, 31, 1), dtype=np.uint8))[: SIZE[0], : SIZE[1]])


def teacher_of(network: Any, **options: Any) -> SamTeacher:
    vit_b = next(each for each in CHECKPOINTS if each.id == "sam-vit-b")
    return SamTeacher(network, vit_b, sha256=vit_b.sha256, **{"device": "cpu", "precision": "float32"} | options)


@pytest.fixture(scope="module")
def teacher(small_sam: Any) -> SamTeacher:
    return teacher_of(small_sam)


@pytest.fixture(scope="module")
def encoding(teacher: SamTeacher, image: NDArray[np.uint8]) -> SamEncoding:
    return teacher.encode(image)


@pytest.fixture(scope="module")
def predictor(small_sam: Any, image: NDArray[np.uint8]) -> Any:
    official = import_segment_anything().SamPredictor(small_sam)
    official.set_image(image)
    return official


def test_the_embedding_is_the_official_predictors(encoding: SamEncoding, predictor: Any) -> None:
    assert encoding.embedding.dtype == np.float32
    assert np.array_equal(encoding.embedding, predictor.features[0].numpy())
    assert encoding.image_size == predictor.original_size == SIZE
    assert encoding.input_size == predictor.input_size
    assert encoding.nbytes == 256 * 64 * 64 * 4


@pytest.mark.parametrize(
    ("prompts", "multimask"),
    [
        (TeacherPrompts(box=BOX), False),
        (TeacherPrompts(points=points((100, 80)), labels=np.array([True])), True),
        (TeacherPrompts(points=points((100, 80), (12.5, 190)), labels=np.array([True, False])), False),
        (TeacherPrompts(box=BOX, points=points((60, 60)), labels=np.array([False])), False),
    ],
    ids=["box", "point", "points", "box and point"],
)
def test_masks_logits_and_quality_are_the_official_predictors(
    prompts: TeacherPrompts, multimask: bool, teacher: SamTeacher, encoding: SamEncoding, predictor: Any
) -> None:
    masks, quality, logits = predictor.predict(
        point_coords=prompts.points if len(prompts.points) else None,
        point_labels=prompts.labels.astype(int) if len(prompts.points) else None,
        box=None if prompts.box is None else np.array(prompts.box),
        multimask_output=multimask,
    )
    best = int(np.argmax(quality))
    answer = teacher.decode(encoding, prompts)
    assert answer.logits is not None
    assert np.array_equal(answer.logits, logits[best])
    assert np.array_equal(answer.mask, masks[best])
    assert 0 < answer.mask.mean() < 1
    assert answer.quality == pytest.approx(float(np.clip(quality[best], 0, 1)))


def test_only_one_point_alone_is_ambiguous() -> None:
    def is_ambiguous(**told: Any) -> bool:
        return to_sam(TeacherPrompts(**told), image_size=SIZE, input_size=SIZE).is_ambiguous

    one = {"points": points((5, 5)), "labels": np.array([True])}
    assert is_ambiguous(**one)
    assert not is_ambiguous(box=BOX)
    assert not is_ambiguous(box=BOX, **one)
    assert not is_ambiguous(**one, strokes=(Stroke(points((1, 1)), 2.0, positive=False),))


def test_a_box_is_cut_to_the_image_and_scaled_to_the_input() -> None:
    asked = to_sam(TeacherPrompts(box=(-10.0, 20.0, 900.0, 60.0)), image_size=(100, 200), input_size=(512, 1024))
    assert asked.box is not None
    assert asked.box.tolist() == pytest.approx([0, 102.4, 1024, 307.2])


def test_what_is_told_beyond_the_border_is_told_at_the_border_and_never_in_the_padding() -> None:
    beyond = Stroke(points((90, 100), (110, 100)), width_px=30.0)
    told = TeacherPrompts(points=points((-3, 40), (7, 250)), labels=np.array([True, False]), strokes=(beyond,))
    asked = to_sam(told, image_size=(200, 100), input_size=(1024, 512))
    assert asked.points[:2] == pytest.approx(np.array([(0, 204.8), (35.84, 1024)]), abs=1e-4)
    assert asked.points[2:, 0].max() == 512


def test_a_stroke_becomes_points_evenly_along_it_and_no_more_than_eight() -> None:
    scale = np.array((2.0, 2.0))
    bent = Stroke(points((0, 0), (30, 0), (30, 0), (30, 34)), width_px=5.0)
    along = points_along(bent, scale=scale)  # 128 pixels of the input: five points, 25.6 apart
    assert along == pytest.approx(np.array([(12.8, 0), (38.4, 0), (60, 4), (60, 29.6), (60, 55.2)]), abs=1e-6)
    long = Stroke(points((0, 0), (500, 0)), width_px=5.0)
    assert points_along(long, scale=scale)[:, 0] == pytest.approx(62.5 + 125 * np.arange(8))
    assert points_along(Stroke(points((7, 9)), width_px=1.0), scale=scale).tolist() == [[14, 18]]


def test_strokes_of_both_signs_are_asked_as_points_of_theirs(teacher: SamTeacher, encoding: SamEncoding) -> None:
    on, off = Stroke(points((90, 60), (110, 60)), 4.0), Stroke(points((20, 20)), 4.0, positive=False)
    by_strokes = teacher.decode(encoding, TeacherPrompts(strokes=(on, off)))
    scale = np.array((1024 / 331, encoding.input_size[0] / 203))
    told = np.concatenate([points_along(each, scale=scale) / scale for each in (on, off)]).astype(np.float32)
    labels = np.array([True] * (len(told) - 1) + [False])
    by_points = teacher.decode(encoding, TeacherPrompts(points=told, labels=labels))
    assert by_strokes.logits == pytest.approx(by_points.logits, abs=1e-4)


def test_prompts_that_say_nothing_of_where_are_refused(teacher: SamTeacher, encoding: SamEncoding) -> None:
    with pytest.raises(PromptError, match="Nothing says where"):
        teacher.decode(encoding, TeacherPrompts(points=points((1, 1)), labels=np.array([False])))
    with pytest.raises(PromptError, match="outside the image"):
        teacher.decode(encoding, TeacherPrompts(box=(400.0, 0.0, 500.0, 50.0)))


@pytest.mark.parametrize("shape", [(1, 3000), (2049, 1)])
def test_an_image_too_narrow_for_the_network_is_refused_in_a_sentence(
    shape: tuple[int, int], teacher: SamTeacher
) -> None:
    with pytest.raises(ImageError, match=f"{shape[1]}×{shape[0]} pixels.*GrabCut"):
        teacher.encode(np.zeros((*shape, 3), dtype=np.uint8))


def test_an_encoding_of_another_teacher_is_not_taken(teacher: SamTeacher, image: NDArray[np.uint8]) -> None:
    with pytest.raises(TypeError, match="cannot use a GrabCutEncoding"):
        teacher.decode(GrabCut().encode(image), TeacherPrompts(box=BOX))
    with pytest.raises(TypeError, match="cannot use a SamEncoding"):
        GrabCut().decode(SamEncoding(np.zeros((256, 64, 64), np.float32), SIZE, (628, 1024)), TeacherPrompts(box=BOX))


def test_stopping_is_heard_between_the_blocks(small_sam: Any, teacher: SamTeacher, image: NDArray[np.uint8]) -> None:
    asked = 0

    def after_the_first_block() -> bool:
        nonlocal asked
        asked += 1
        return asked == 4  # before the resize, the patches, the first block, and now

    with pytest.raises(StoppedError, match="Encoding"):
        teacher.encode(image, should_stop=after_the_first_block)
    assert asked == 4 < 1 + len(encoder_steps(small_sam.image_encoder))


def test_stopping_is_heard_before_a_decode(teacher: SamTeacher, encoding: SamEncoding) -> None:
    with pytest.raises(StoppedError, match="Segmentation"):
        teacher.decode(encoding, TeacherPrompts(box=BOX), should_stop=lambda: True)


def test_an_encoding_survives_its_arrays(teacher: SamTeacher, encoding: SamEncoding) -> None:
    restored = teacher.restore({name: array.copy() for name, array in encoding.to_arrays().items()})
    assert (restored.image_size, restored.input_size) == (encoding.image_size, encoding.input_size)
    ours, theirs = (teacher.decode(each, TeacherPrompts(box=BOX)) for each in (encoding, restored))
    assert np.array_equal(ours.mask, theirs.mask)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"embedding": np.zeros((256, 32, 32), dtype=np.float32)}, "not float32"),
        ({"embedding": np.zeros((256, 64, 64))}, "not float64"),
        ({"image_size": np.array([0, 5])}, "positive"),
        ({"input_size": np.array([1024, 1024])}, "is not resized to"),
        ({"more": np.zeros(1)}, "an encoding of SAM is"),
    ],
)
def test_arrays_that_are_no_encoding_are_refused(
    change: dict[str, NDArray[Any]], told: str, teacher: SamTeacher, encoding: SamEncoding
) -> None:
    with pytest.raises(ValueError, match=told):
        teacher.restore({**encoding.to_arrays(), **change})


def test_the_record_states_what_determines_a_mask(teacher: SamTeacher) -> None:
    parameters = teacher.parameters()
    assert parameters["encoder_dtype"] == "float32"
    assert parameters["encoder_device"] == "cpu"
    assert parameters["validated_weights"] is True
    assert teacher.encoding_parameters().items() <= parameters.items()
    assert (teacher.id, teacher.name, teacher.device, teacher.notices) == ("sam-vit-b", "SAM ViT-B", "cpu", ())
    assert teacher.runtime.startswith("torch ")


def test_bfloat16_gives_numbers_of_float32_that_are_nearly_float32s(
    small_sam: Any, teacher: SamTeacher, encoding: SamEncoding, image: NDArray[np.uint8]
) -> None:
    halved = teacher_of(small_sam, precision="bfloat16")
    answer = halved.decode(halved.encode(image), TeacherPrompts(box=BOX))
    exact = teacher.decode(encoding, TeacherPrompts(box=BOX))
    assert halved.parameters()["encoder_dtype"] == "bfloat16"
    assert answer.logits is not None
    assert exact.logits is not None
    assert answer.logits.dtype == np.float32
    # Random weights amplify what a trained network damps; whether a given network agrees is for the trial to say.
    largest = max(1.0, float(np.abs(exact.logits).max()))
    assert 0 < float(np.abs(answer.logits - exact.logits).max()) / largest < 5e-2


def test_an_unknown_precision_is_refused(small_sam: Any) -> None:
    with pytest.raises(ConfigurationError, match="no precision «float16»"):
        teacher_of(small_sam, precision="float16")


def test_answers_come_while_another_image_is_encoded(
    teacher: SamTeacher, encoding: SamEncoding, image: NDArray[np.uint8]
) -> None:
    masks = []

    def decode_meanwhile() -> bool:
        masks.append(teacher.decode(encoding, TeacherPrompts(box=BOX)).mask)
        return False

    teacher.encode(image, should_stop=decode_meanwhile)
    assert len(masks) > 3
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    assert torch.is_inference_mode_enabled() is False

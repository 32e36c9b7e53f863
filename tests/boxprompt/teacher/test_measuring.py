"""What stands in for a checkpoint in a benchmark has its shape, and never its name."""

from __future__ import annotations

import pytest

from boxprompt.errors import WeightsNotFoundError
from boxprompt.teacher import measuring
from boxprompt.teacher.measuring import RANDOM_SHA256, encoder_macs, random_sam
from boxprompt.teacher.networks import build_sam, expected_shapes


@pytest.mark.parametrize(("id", "published_gmacs"), [("sam-vit-b", 486), ("sam-vit-l", 1494), ("mobile-sam", 39)])
def test_multiply_adds_are_those_that_the_literature_states(id: str, published_gmacs: int) -> None:
    assert encoder_macs(id) / 1e9 == pytest.approx(published_gmacs, rel=0.02)


def test_random_weights_have_the_true_shape_and_say_that_they_are_no_sam(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []

    class Recorded:
        def __init__(self, network: object, checkpoint: object, **told: object) -> None:
            built.append((network, told))

    monkeypatch.setattr(measuring, "SamTeacher", Recorded)  # whose own trial of the device is tested elsewhere
    random_sam("sam-vit-b", device="cpu")
    ((network, told),) = built
    assert expected_shapes(network) == expected_shapes(build_sam("vit_b"))
    assert told == {"sha256": RANDOM_SHA256, "device": "cpu"}
    weights = network.image_encoder.blocks[0].mlp.lin1.weight
    assert weights.device.type == "cpu" and 0.019 < float(weights.std()) < 0.021


def test_an_unknown_segmenter_has_neither() -> None:
    for ask in (random_sam, encoder_macs):
        with pytest.raises(WeightsNotFoundError):
            ask("sam-4")

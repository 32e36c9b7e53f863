"""Hard negatives: benign things that look like evidence, drawn for hosts of every kind alike.

Sharp things before a smooth ground, busy texture, straight edges, highlights, letters, borders and screens draw a
network's attention whether or not anything was edited. Putting them on forged and untouched hosts in equal shares, and
never in a mask, leaves nothing to gain from answering to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.synthesis import histories, overlays, scenery, screens
from boxprompt.data.synthesis.config import DistractorConfig
from boxprompt.data.synthesis.draws import chance, integer, pick
from boxprompt.data.synthesis.histories import Step
from boxprompt.data.synthesis.material import Material

_Draw = Callable[[np.random.Generator, tuple[int, int]], Step]
# Cameras compress lightly, next to what services do to their files.
_CAMERA_QUALITY = (80, 98)


@dataclass(frozen=True, slots=True)
class Covered:
    """A picture with things laid over it.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), what was manipulated and can still be seen.
    """

    image: RgbImage
    mask: BoolMask


def draw_scene(rng: np.random.Generator, config: DistractorConfig, *, size: tuple[int, int]) -> tuple[Step, ...]:
    """Return what the scene and the camera put into a host of `size` = (rows, columns); a compression ends it.

    Empty for hosts that get nothing. The compression is the camera's: without it a blurred ground beside a sharp
    thing would differ from it by the history of its pixels too, which is the mark of an edit.
    """
    steps = _draw(rng, size, (
        (config.focus_share, scenery.draw_focus),
        (config.texture_share, scenery.draw_texture),
        (config.edges_share, scenery.draw_edges),
        (config.highlight_share, scenery.draw_highlight),
        (config.vignette_share, scenery.draw_vignette),
        (config.stamp_share, overlays.draw_stamp),
    ))  # fmt: skip
    if not steps:
        return ()
    camera = {
        "quality": integer(rng, *_CAMERA_QUALITY),
        "subsampling": pick(rng, ("4:2:0", "4:2:2", "4:4:4"), (5, 4, 1)),
    }
    return (*steps, Step("jpeg", {**camera, "shift": (0, 0)}))


def draw_overlays(rng: np.random.Generator, config: DistractorConfig, *, size: tuple[int, int]) -> tuple[Step, ...]:
    """Return what people lay over a picture of `size` = (rows, columns) after it was edited, or was not."""
    return _draw(rng, size, (
        (config.dodge_share, overlays.draw_dodge),
        (config.caption_share, overlays.draw_caption),
        (config.border_share, overlays.draw_border),
        (config.screenshot_share, screens.draw_screen),
    ))  # fmt: skip


def arrange(material: Material, steps: Sequence[Step]) -> Material:
    """Return `material` as the camera shows it after the steps of `draw_scene`, which its record then names."""
    image = material.image
    for step in steps:
        if step.name in scenery.NAMES:
            image = scenery.apply(image, step, labels=material.labels)
        elif step.name in overlays.NAMES:
            image, _ = overlays.apply(image, step)
        else:
            image = histories.apply(image, (step,)).image
    record = {**material.record, "scene": [step.record() for step in steps]}
    return replace(material, image=image, record=record)


def lay_over(image: RgbImage, mask: BoolMask, steps: Sequence[Step]) -> Covered:
    """Return `image` under the steps of `draw_overlays`, and `mask` without the pixels that they hide.

    Args:
        image: uint8 (H, W, 3) RGB, left as it is.
        mask: bool (H, W), left as it is.
        steps: in order.
    """
    for step in steps:
        image, hidden = overlays.apply(image, step)
        if hidden is not None:
            mask = mask & ~(hidden > 0.5)
    return Covered(image, mask)


def _draw(rng: np.random.Generator, size: tuple[int, int], choices: Sequence[tuple[float, _Draw]]) -> tuple[Step, ...]:
    return tuple(draw(rng, size) for share, draw in choices if chance(rng, share))

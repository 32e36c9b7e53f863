"""One composite from one generator: a host with a history, an edit or none, and the same aftermath for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from boxprompt.contracts import BoolMask, RgbImage
from boxprompt.data.synthesis import distractors, histories
from boxprompt.data.synthesis.compose import SMALLEST_PX, copy_move, removal, splice
from boxprompt.data.synthesis.config import Kind, SynthesisConfig
from boxprompt.data.synthesis.draws import chance, integer, weighted
from boxprompt.data.synthesis.material import Material, draw_material, draw_size
from boxprompt.data.synthesis.paste import Edit
from boxprompt.data.synthesis.pool import Photograph, PhotoPool

_EDIT_TRIES = 12
_HOST_TRIES = 12
_WORKING_SHORT_PX = (160, 640)


class SynthesisError(ValueError):
    """No composite could be made of these photographs, for instance because they are blank."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A finished image with its truth.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        mask: bool (H, W), True where manipulated; all False for an untouched image.
        kind: "authentic", "splice", "copy-move" or "removal".
        recipe: JSON-able account: host view, edits, what was laid over them, steps afterwards.
        sources: identifiers of the photographs used, the host first.
        encoded: the JPEG bytes whose decoded pixels are `image`, when a compression came last; None otherwise.
    """

    image: RgbImage
    mask: BoolMask
    kind: Kind
    recipe: dict[str, Any]
    sources: tuple[str, ...]
    encoded: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is drawn before the kind is looked at, and so is distributed alike for every kind."""

    host: Material
    overlays: tuple[histories.Step, ...]
    steps: tuple[histories.Step, ...]


class Synthesizer:
    """Draws composites; each is determined by the pool, the configuration and the generator's state alone.

    Picklable, for the worker processes of a loader. It starts no threads; OpenCV does unless told not to
    (`cv2.setNumThreads`), which is the caller's to decide.
    """

    def __init__(self, pool: PhotoPool, config: SynthesisConfig | None = None) -> None:
        """Draw from `pool` as `config` says; its defaults when None."""
        self._pool = pool
        self._config = config or SynthesisConfig()

    @property
    def config(self) -> SynthesisConfig:
        """What is drawn from."""
        return self._config

    def sample(self, rng: np.random.Generator, *, kind: Kind | None = None) -> Composite:
        """Return one composite.

        Args:
            rng: advanced by the same amount whatever comes out.
            kind: asked for; None draws one. The same generator state gives every kind the same host, size and
                aftermath, so that nothing but the edit tells the kinds apart.

        Raises:
            SynthesisError: no edit of these photographs could be seen.
            ValueError: a photograph cannot be decoded.
        """
        drawn = weighted(rng, self._config.kind_weights)
        seeds = rng.integers(0, 2**63 - 1, size=2 * _HOST_TRIES)
        chosen = kind or drawn
        for plan_seed, edit_seed in zip(seeds[::2], seeds[1::2], strict=True):
            plan = self._plan(int(plan_seed))
            composite = self._finish(plan, chosen, np.random.default_rng(int(edit_seed)))
            if composite is not None:
                return composite
        raise SynthesisError(f"no visible {chosen} could be made in {_HOST_TRIES} photographs")

    def _plan(self, seed: int) -> _Plan:
        config, past = self._config, self._config.histories
        rng = np.random.default_rng(seed)
        # Of their own, so that the same hosts, edits and steps are drawn whatever distracts from them.
        aside = np.random.default_rng((seed, 1))
        photograph = self._pool.draw(rng, balance=config.balance)
        final = draw_size(rng, config, photograph=photograph.size)
        route, factor = histories.draw_route(rng, past)
        working, factor = _working_size(final, factor=factor)

        def arrange(view: Material) -> Material:
            shape = (view.image.shape[0], view.image.shape[1])
            return distractors.arrange(view, distractors.draw_scene(aside, config.distractors, size=shape))

        pixels = self._pool.pixels(photograph)
        host = draw_material(rng, photograph, pixels, size=working, config=past, arrange=arrange)
        size = (host.image.shape[0], host.image.shape[1])
        overlays = distractors.draw_overlays(aside, config.distractors, size=size)
        return _Plan(host, overlays, histories.draw_post(rng, past, size=size, route=route, factor=factor))

    def _finish(self, plan: _Plan, kind: Kind, rng: np.random.Generator) -> Composite | None:
        host = plan.host
        mask = np.zeros(host.image.shape[:2], dtype=np.bool_)
        records: list[dict[str, Any]] = []
        count = 0 if kind == "authentic" else 1 + chance(rng, self._config.edits.second_edit_share)
        for position in range(count):
            edit = self._try_edit(rng, host, kind)
            if edit is None and position == 0:
                return None
            if edit is not None:
                host = Material(edit.image, host.labels, host.source, host.record)
                mask |= edit.mask
                records.append(edit.record)
        shown = distractors.lay_over(host.image, mask, plan.overlays)
        if records and np.count_nonzero(shown.mask) < SMALLEST_PX:
            return None
        done = histories.apply(shown.image, plan.steps, mask=shown.mask)
        if records and np.count_nonzero(done.mask) == 0:
            return None
        donors = [record["donor"] for record in records if "donor" in record]
        recipe = {
            "host": {"source": host.source, **host.record},
            "edits": records,
            "overlays": [step.record() for step in plan.overlays],
            "steps": [step.record() for step in plan.steps],
        }
        return Composite(
            image=done.image,
            mask=done.mask,
            kind=kind,
            recipe=recipe,
            sources=tuple(dict.fromkeys([host.source, *donors])),
            encoded=done.encoded,
        )

    def _try_edit(self, rng: np.random.Generator, host: Material, kind: Kind) -> Edit | None:
        for _ in range(_EDIT_TRIES):
            edit = self._edit(rng, host, kind)
            if edit is not None:
                return edit
        return None

    def _edit(self, rng: np.random.Generator, host: Material, kind: Kind) -> Edit | None:
        if kind == "copy-move":
            return copy_move(rng, host, edits=self._config.edits)
        if kind == "removal":
            return removal(rng, host, edits=self._config.edits)
        assert kind == "splice"
        donor = self._other_photograph(rng, host.source)
        return splice(
            rng,
            host,
            (donor, self._pool.pixels(donor)),
            edits=self._config.edits,
            prior=self._config.histories,
        )

    def _other_photograph(self, rng: np.random.Generator, source: str) -> Photograph:
        if len(self._pool) < 2:
            raise SynthesisError("a splice needs two photographs")
        for _ in range(100):
            donor = self._pool.draw(rng, balance=self._config.balance)
            if donor.source != source:
                return donor
        others = [photograph for photograph in self._pool.photographs if photograph.source != source]
        return others[integer(rng, 0, len(others) - 1)]


def _working_size(final: tuple[int, int], *, factor: float) -> tuple[tuple[int, int], float]:
    """Return the size to edit at so that `factor` leads to `final`, and the factor, bent where it would go too far."""
    short = min(final) / factor
    bent = min(max(short, _WORKING_SHORT_PX[0]), _WORKING_SHORT_PX[1])
    factor = factor if bent == short else min(final) / bent
    rows, columns = (max(16, round(side / factor)) for side in final)
    return (rows, columns), factor

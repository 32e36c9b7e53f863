"""Which images a run's composites were, in the terms in which an image can be compared with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from boxprompt.card_calibration import TrainingDomain
from boxprompt.data.synthesis.config import HistoryConfig, SynthesisConfig

# The quality of a sharing service's recompression is drawn from the range's low end to this; see `histories`.
_SOCIAL_BEST_QUALITY = 90


def domain_of_recipe(recipe: Mapping[str, Any]) -> TrainingDomain | None:
    """The domain that the recipe on a card describes; None where it tells of no composites.

    Args:
        recipe: as on the card; composites are drawn by its table `data.synthesis`. Of networks joined in one file, each
            part has a recipe of its own, and the domain is what any of them was trained on.

    Raises:
        ValueError: the table has settings that are not of this version.
    """
    if "parts" in recipe:
        parts = (domain_of_recipe(part["recipe"]) for part in recipe["parts"].values())
        return _joined([domain for domain in parts if domain is not None])
    data = recipe.get("data")
    if not isinstance(data, Mapping) or "synthesis" not in data:
        return None
    synthesis = SynthesisConfig.from_mapping(data["synthesis"])
    short, long = synthesis.short_side_px
    return TrainingDomain(
        short_side_px=(int(short), int(long)),
        jpeg_quality=_jpeg_quality(synthesis.histories),
        screenshots=synthesis.distractors.screenshot_share > 0,
        histories=_histories(synthesis.histories),
    )


def _joined(domains: Sequence[TrainingDomain]) -> TrainingDomain | None:
    if not domains:
        return None
    sides = [side for domain in domains for side in domain.short_side_px]
    qualities = [quality for domain in domains for quality in domain.jpeg_quality or ()]
    return TrainingDomain(
        short_side_px=(min(sides), max(sides)),
        jpeg_quality=(min(qualities), max(qualities)) if qualities else None,
        screenshots=all(domain.screenshots for domain in domains),
        histories=tuple(dict.fromkeys(words for domain in domains for words in domain.histories)),
    )


def _jpeg_quality(histories: HistoryConfig) -> tuple[int, int] | None:
    """Of the last compression of composites that have one after the edit."""
    least, most = histories.quality
    compressed = _share_processed(histories) > 0 and sum(histories.jpeg_counts[1:]) > 0
    if not compressed and not histories.social_share:
        return None
    best = max(most, _SOCIAL_BEST_QUALITY) if histories.social_share else most
    return int(least), int(best)


def _histories(histories: HistoryConfig) -> tuple[str, ...]:
    """What was done to composites after the edit, as far as its share is more than none."""
    told = {
        f"left as it was after the edit ({histories.untouched_share:.0%})": histories.untouched_share,
        "JPEG once": histories.jpeg_counts[1],
        "JPEG twice": histories.jpeg_counts[2],
        f"resized by {histories.rescale[0]:g} to {histories.rescale[1]:g}": histories.rescale_share,
        "shrunk and recompressed as by a sharing service": histories.social_share,
        "blurred": histories.blur_share,
        "sharpened": histories.sharpen_share,
        "with noise added": histories.noise_share,
        "with its tones changed": histories.tone_share,
    }
    return tuple(words for words, share in told.items() if share > 0)


def _share_processed(histories: HistoryConfig) -> float:
    return 1 - histories.untouched_share

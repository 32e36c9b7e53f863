"""Colours of what the analyst draws, told apart from the model's by hue, by brightness and by pattern.

The model's mask is outlined in white and black and filled in cyan. Blue is the hue that people who confuse red and
green see best; every line of it stands beside a white one, so that it is seen on light and on dark. Nothing is told by
colour alone: selection by width, a source and a proposal by dashes, signs of prompts by plus and minus.
"""

from __future__ import annotations

LIGHT_RGB = (255, 255, 255)
DARK_RGB = (0, 0, 0)

ADDS_RGB = (0, 102, 255)
"""The analyst's regions, and what adds to them."""

TAKES_RGB = (213, 94, 0)
"""What takes away, or does not belong."""

PROPOSED_RGB = (255, 213, 0)
"""What a segmenter proposes."""

MODEL_ONLY_RGB = (230, 159, 0)
"""Pixels that the model flags and the analyst does not (Okabe and Ito's orange)."""

MINE_ONLY_RGB = ADDS_RGB
"""Pixels that the analyst flags and the model does not."""

BOTH_RGB = (245, 245, 245)
"""Pixels that both flag: no hue, between a warm and a cold one."""

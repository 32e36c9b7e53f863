"""Regions that repeat within an image: copies moved, turned, scaled or mirrored.

Candidate maps come from the image's whitened autocorrelation (shifts) and from keypoints (all others); each is then
held against every pixel, so that only regions that agree throughout are reported. What is alike by nature is kept out
by asking for texture that differs from its own surroundings, and by how much of it agrees at how many places.
"""

from boxprompt.traces.self_similarity.find import Repeat, Search, SelfSimilarity, find_repeats, self_similarity

__all__ = ["Repeat", "Search", "SelfSimilarity", "find_repeats", "self_similarity"]

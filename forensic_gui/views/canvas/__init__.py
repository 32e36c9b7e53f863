"""The canvas: evidence, what the localizer says of it, and ways to compare the two."""

"""The trace stem: fixed statistics by cell of 8×8 pixels, read by a small network."""

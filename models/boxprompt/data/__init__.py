"""Images in: decoding, datasets, synthesis, degradations."""

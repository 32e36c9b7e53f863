"""From the hand on the canvas to edits of an annotation: strokes, outlines, morphology, proposals. Pure functions."""

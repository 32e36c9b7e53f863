"""Drawing: gestures of the canvas in, edits of the case out, and what a segmenter makes of prompts in between."""

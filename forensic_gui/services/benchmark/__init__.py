"""What this machine takes for the work it is asked to do, against what its own arithmetic and codecs allow.

Ratios are of figures taken in the same run, turn by turn, so that a busy or slow machine changes both sides. Nothing
here passes or fails: a row says what was measured, what it is compared with, and whether that meets a stated target.
"""

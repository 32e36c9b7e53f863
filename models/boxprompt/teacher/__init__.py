"""Frozen segmenters that turn boxes into pseudo-masks."""

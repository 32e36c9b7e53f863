"""Segmenters as services: which there are, bringing them here, and masks of prompts."""

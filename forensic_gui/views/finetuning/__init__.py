"""Weights: fine-tuned on the labels of a case, chosen, compared, removed."""

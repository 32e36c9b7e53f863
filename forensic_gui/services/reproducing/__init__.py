"""Repeat what findings say, from their record alone, and say how far it is the same."""

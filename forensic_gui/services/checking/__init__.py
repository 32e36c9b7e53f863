"""Checks of reports: what still is as it was written, what is not, and what could not be checked."""

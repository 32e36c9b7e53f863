"""Measures of localization, pinned to the field's references."""

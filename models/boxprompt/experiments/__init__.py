"""Experiments of the lab book that are more than one run: a grid in, rows of figures and a table out.

Nothing else in the library needs this package.
"""

"""Forensic GUI: the window, the command line and the services both of them run."""

__version__ = "0.1.0"

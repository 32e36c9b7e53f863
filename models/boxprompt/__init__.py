"""BoxPromptIML (arXiv 2511.20359): weakly supervised image manipulation localization.

Importing this package imports nothing heavy: torch is loaded by the modules that compute with it.
"""

"""The use cases, shared by window, command line and batch; no Qt, no torch."""

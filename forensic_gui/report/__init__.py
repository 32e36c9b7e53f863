"""Reports; no Qt."""

"""Windows, docks and canvas."""

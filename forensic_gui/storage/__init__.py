"""Files and databases; no Qt, no torch."""

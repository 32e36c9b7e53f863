"""Classical forensic maps."""

"""A document as one HTML file: no script, no link out, nothing fetched."""

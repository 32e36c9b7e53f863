"""The report of a case: written, laid out, looked at, issued and reviewed."""

"""The list of opened evidence."""

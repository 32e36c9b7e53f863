"""Labels out of the open case and into it."""

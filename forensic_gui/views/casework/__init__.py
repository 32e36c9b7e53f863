"""A case in the window: opened, filled, verified, searched, closed."""

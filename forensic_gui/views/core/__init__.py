"""What the window decides and says: records and pure functions, no Qt."""

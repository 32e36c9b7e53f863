"""Training the student: configuration, samples, loop, checkpoints."""

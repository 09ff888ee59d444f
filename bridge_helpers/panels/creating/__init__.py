"""02: the panel that creates the bridge."""

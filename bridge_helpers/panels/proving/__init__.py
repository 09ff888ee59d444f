"""03: the panel that proves that messages cross."""

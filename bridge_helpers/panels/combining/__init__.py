"""04: the panel that adds channels."""

"""07: the panel that changes the configuration and goes back."""

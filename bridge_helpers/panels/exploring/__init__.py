"""05: the panel that shows the conversations."""

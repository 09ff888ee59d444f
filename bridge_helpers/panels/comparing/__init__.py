"""06: the panel that compares both sides."""

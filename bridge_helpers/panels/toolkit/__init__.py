"""What every panel is made of: the base classes, the controls, the connection."""

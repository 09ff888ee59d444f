"""``/_sandbox/``: the controls of the sandbox itself."""

"""What the sandbox holds and what happens in it, whoever asks."""

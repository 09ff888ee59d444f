"""Records to pandas and Arrow, to files, and to pictures."""

"""Monitor: what answers each request."""

"""Conversation Memory: what answers each request."""

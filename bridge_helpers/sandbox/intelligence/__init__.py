"""Conversation Intelligence: what answers each request."""

"""Conversations classic (v1): what answers each request."""

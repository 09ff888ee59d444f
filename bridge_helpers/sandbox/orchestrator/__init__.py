"""Conversation Orchestrator (v2): what answers each request."""

"""Bridge Conversations (classic) into Conversation Orchestrator."""

__version__ = "0.1.0"

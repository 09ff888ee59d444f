"""Bridge Conversations (classic) into Conversation Orchestrator."""

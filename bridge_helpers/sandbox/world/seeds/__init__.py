"""Accounts as they are at the start, and as many conversations as somebody asks for."""

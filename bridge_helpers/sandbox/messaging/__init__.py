"""Messaging: the Messaging Services of an account and the numbers in them, below ``/messaging``."""

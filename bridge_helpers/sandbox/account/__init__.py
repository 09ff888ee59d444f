"""The 2010 API: the account and its phone numbers."""

"""Memory: stores, profiles, and what is learnt when conversations end."""

"""Intelligence: configurations, operators and their results."""

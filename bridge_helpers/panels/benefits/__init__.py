"""08: the panels about memory and intelligence."""

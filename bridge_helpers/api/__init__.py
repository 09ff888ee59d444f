"""The wire: the only rooms that know HTTP."""

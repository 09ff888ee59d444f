"""Tests: a package, so that they import each other in one way."""

"""The command line, one module for each family of commands."""

from .main import main

__all__ = ["main"]

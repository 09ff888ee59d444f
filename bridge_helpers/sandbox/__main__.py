"""``python -m bridge_helpers.sandbox``: the sandbox alone."""

from .command import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m bridge_helpers.sandbox")

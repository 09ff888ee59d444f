"""``python -m bridge_helpers.sandbox``: the sandbox alone."""

from bridge_helpers.sandbox.command import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m bridge_helpers.sandbox")

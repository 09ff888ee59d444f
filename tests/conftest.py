"""For every test: what a sandbox answers is held against Twilio's OpenAPI files at the end."""

pytest_plugins = ["contract.recording"]

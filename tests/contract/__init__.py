"""Conformance of the sandbox, by others' work: Twilio's SDK, Agent Connect and OpenAPI files."""

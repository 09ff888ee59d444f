"""Requests and answers: what every API of Twilio has in common on the wire."""

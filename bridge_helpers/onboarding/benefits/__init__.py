"""
What a bridge gives: whether memory and intelligence work for bridged conversations.

`look` reads everything and says in a sentence how it stands; `known_customers` makes profiles
of classic Users. A bridge made as the guide does leaves extraction, timeouts and intelligence
off, and many of its participants have no profile (Twilio docs: conversations/orchestrator,
concepts/lifecycle and concepts/profiles).
"""

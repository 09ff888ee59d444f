"""
Twilio on the loopback interface: a stateful sandbox to rehearse, demonstrate and test on.

Four of Twilio's APIs behind one URL: Conversation Orchestrator (v2), Conversations classic
(v1), Conversation Memory and the phone numbers of the 2010 API. What is created can be read
again, operations take time, the bridge carries messages both ways after a lag, and faults come
on demand over ``/_sandbox/``.

Where Twilio documents a behaviour, the sandbox follows the documentation. Where it does not,
the sandbox makes one choice and owns up to it: every such choice, with its reason, is in
:mod:`bridge_helpers.sandbox.control.assumptions` and nowhere else.

Nothing here imports the client side of the package and nothing there imports this: the two meet
on a socket, so that a mistake in one cannot hide in the other.
"""

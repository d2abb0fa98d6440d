"""Where mail lies: every accepted recipient in exactly one durable state, the content it needs, and the history of both."""

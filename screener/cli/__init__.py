"""The command line for people: one module a command group."""

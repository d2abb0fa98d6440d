"""What is decided: the rule language, the rule set and its judgement of a mail. Pure: no sockets, no counters, no settings."""

"""The command line for people: one module a command or group of commands, loaded when it is called.

`program` is the table of commands and the end of every error; `options` what commands share; `plain` and `table` how texts that
strangers wrote reach a terminal; `opened` the way to the store. Exit codes: 0 done, 1 not done or errors found, 2 not understood.
"""

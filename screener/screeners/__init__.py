"""The screening processes: where a mail is judged that needs a foreign parser or much text; what needs neither `inline` judges.

`pool` is what the service knows: hand over, time out, replace. `process` is its hold on one process, `child` what runs in it,
`frames` the pipe between them. Nothing here decides what becomes of a mail that cannot be judged: `intake` does.
"""

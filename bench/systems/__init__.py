"""The systems that are measured, one file each: how it is set up, started and stopped, and what it is told to catch."""

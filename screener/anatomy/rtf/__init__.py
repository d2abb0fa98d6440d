"""RTF 1.9.1: what acts in a text, the objects in it, what it shows."""

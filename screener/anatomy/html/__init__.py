"""HTML: what a page shows and hides, what acts in it, and the files that are written into it."""

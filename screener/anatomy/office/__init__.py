"""Documents of Office, old and new: what acts in them, the files embedded in them, the text they show."""

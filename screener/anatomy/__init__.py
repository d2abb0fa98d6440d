"""What the octets of a mail are: parts, names, types, text, defects. Pure, lazy, bounded, never raises on any content."""

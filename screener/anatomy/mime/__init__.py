"""A message as MIME sees it: fields, multiparts, transfer encodings, in every way readers take them (RFC 5322, 2045-2047, 2231)."""

"""PDF (ISO 32000): what acts in a document, the files embedded in it, the text of its pages."""

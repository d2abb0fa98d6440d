"""Which parts readers show as text in the message itself."""

import re

from screener.anatomy.mime.part import Part

# Media types that readers show as text though they are not text/*: reports (RFC 3464, RFC 8098, RFC 5965, RFC 6533).
_SHOWN_AS_TEXT = frozenset(
    (
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
        "message/tracking-status",
        "message/rfc822-headers",
        "message/global-headers",
        "application/xhtml+xml",
    )
)
_TEXTS = (("text/plain",), ("text/html",))
# Calendars and cards, whose files stand in their text.
CARDS = frozenset(("text/calendar", "text/x-vcalendar", "text/vcard", "text/x-vcard", "text/directory"))
# The texts that readers show. Of any other, as text/javascript, they make a file, be it named or not.
_BODIES = CARDS | frozenset(
    (
        "text/plain",
        "text/html",
        "text/enriched",
        "text/richtext",
        "text/xhtml",
        "text/watch-html",
        "text/x-watch-html",
        "text/x-amp-html",
        "text/rfc822-headers",
        "text/rfc822-header",
    )
)
_ONE_TEXT = re.compile(r"text/[a-z0-9.+_-]+")  # what is malformed is shown as text


def is_textual(part: Part) -> bool:
    """Whether every reading of the type is one that readers show as text; a multipart that cannot be split is."""
    return part.types in _TEXTS or all(map(_is_shown, part.types))


def _is_shown(media: str) -> bool:
    if media.startswith("text/"):
        return media in _BODIES or _ONE_TEXT.fullmatch(media) is None
    return media.startswith("multipart") or media == "text" or media in _SHOWN_AS_TEXT

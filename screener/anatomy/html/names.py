"""What elements are by their names alone."""

# All others join what they stand between, also those that do not exist.
_BREAKS_WORDS = (
    "address applet article aside blockquote body br button canvas caption center col colgroup dd details dialog dir div dl dt "
    "embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html img input isindex "
    "legend li link listing main map marquee math menu meta meter nav object ol optgroup option p param pre progress rt "
    "search section select sub summary sup svg table tbody td text textarea tfoot th thead tr ul video xmp"
)
BREAKS = frozenset(_BREAKS_WORDS.split())
# Shown as nothing, ignored where they stand outside of what they belong to, or no wider than their style says: also as if they
# were not there (WHATWG HTML 13.2.6.4.7 and 15.3).
_DOUBTFUL_WORDS = (
    "applet body canvas col colgroup embed form frame frameset head html img input isindex link map math meta meter object "
    "optgroup option param progress rt sub sup svg text video"
)
DOUBTFUL = frozenset(_DOUBTFUL_WORDS.split())
SCOPED = frozenset(("dd", "dt", "li"))  # whose end is ignored within a list in them
_VOID_WORDS = "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr"
VOID = frozenset(_VOID_WORDS.split())  # those that were elements once, too (WHATWG HTML 13.2.6.4.7)
# What stands between their tags is for readers that do not know them (mail readers run no script), or is not shown as it stands;
# of drawings and formulas only what is in certain elements is.
_FALLBACK_WORDS = (
    "annotation annotation-xml audio canvas datalist defs desc math metadata meter noscript object progress rp rt rtc svg video"
)
FALLBACK = frozenset(_FALLBACK_WORDS.split())
STRUCK = frozenset(("s", "strike", "del"))  # people read over what is struck out
CELLS = frozenset(("caption", "td", "th"))
OF_TABLES = CELLS | {"tbody", "tfoot", "thead", "tr"}

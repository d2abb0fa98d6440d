"""Parts without regard to what lies in what: for where the structure is doubtful, and readers split in different ways."""

import re
from bisect import bisect_left

from screener.anatomy.defects import Defect
from screener.anatomy.mime import boundaries, headers, outside
from screener.anatomy.mime.part import Part, be_further
from screener.anatomy.mime.reader import Reader, next_number
from screener.anatomy.octets import Octets

_HEADER_END = re.compile(rb"\n\r?\n")


def split(reader: Reader, source: Octets, start: int, end: int, number: str, depth: int, children: list[Part]) -> None:
    """Every line that begins a part for any reader begins one; it ends at the next line that ends one for any reader."""
    ledger = reader.ledger
    if depth >= ledger.budget.depth or not ledger.spend_scan(end - start):
        return
    starts = boundaries.starts(source, start, end, ledger.parts + 1)
    ends = boundaries.ends(source, start, end, reader.marks, starts)
    header_ends, body_start = -1, end
    for index, begun in enumerate(starts):
        line_end = begun.behind
        if header_ends < line_end:
            # The next empty line may be that of several parts: it is looked for once.
            header_end = _HEADER_END.search(source, line_end, end)
            header_ends, body_start = (end, end) if header_end is None else header_end.span()
        following = starts[index + 1].at if index + 1 < len(starts) else end
        if following <= line_end < end:  # a delimiter right behind another
            continue
        at = bisect_left(ends, body_start)
        first = min(following, ends[at]) if at < len(ends) else following
        known = reader.seen.get((id(source), line_end, body_start))
        if known is not None:
            stops = [first] if known.is_leaf and first < known.end else []
        elif (closing := source.find(b"\n--" + begun.token, body_start, following)) >= 0:
            behind = source.find(b"\n", closing + 1, following) + 1 or following
            outside.files(reader, source, behind, following, number, depth, children, "message", Defect.CONTENT_IN_EPILOGUE)
            stops = [closing + 1, first]
        else:
            stops = [following, first]
        for stop in dict.fromkeys(stops):
            # The line end before a delimiter is the delimiter's (RFC 2046 5.1.1).
            if stop < end and source[stop - 1 : stop] == b"\n":
                stop -= 2 if source[stop - 2 : stop - 1] == b"\r" else 1
            if ledger.parts <= 0:
                return
            child_number = next_number(number, len(children))
            block = headers.read(source, line_end, stop, ledger, f"part {child_number}")
            if not block.fields:
                block = headers.late(source, block.body_start, stop, ledger, f"part {child_number}") or block
            child = reader.part(source, line_end, stop, block, child_number, depth + 1)
            if index:
                be_further(child)
            children.append(child)

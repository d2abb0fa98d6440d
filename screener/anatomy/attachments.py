"""Every file a reader would show: leaves, nested messages, blocks in texts, and what lies in containers, in one list.

Bounded by the ledger (members, depth, octets); never raises but NotInline.
"""

import re
from collections.abc import Iterator

from screener.anatomy import charset_names, contents, filetype, opening
from screener.anatomy.attachment import Around, Attachment
from screener.anatomy.containers import archive, openpgp, signed
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import markup
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.mime import blocks, mailbox, returned, structure
from screener.anatomy.mime.fields import ends
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.textual import CARDS, is_textual

_PAGE = ("unnamed.htm",)  # a page in which something acts, where readers make a file of it
_MAX_SUBJECTS = 4
_LENGTH = re.compile(rb"[0-9]{1,10}[ \t]{0,20}\r?\n")  # of a message, before it, as Apple Mail stores one (.emlx)
# Behind a text these are files all the same; a text about PDF or scripts, and a message quoted in one, is a text.
_NEVER_TEXT = (archive.CONTAINERS | {"application/x-dosexec", "application/x-ole-storage", "application/onenote"}) - {filetype.TEXT}


def collect(root: Part, ledger: Ledger, container: Attachment | None = None) -> list[Attachment]:
    """The attachments of a message, those in containers right behind their container."""
    found: list[Attachment] = []
    prefix = ""
    around = Around()
    if container is not None:  # what a message in it shows is a text like that of any file in it
        prefix = f"{container.path} > "
        around = container.around_message
        subjects = "\n".join(view for field in ends(root.headers.get("subject"), _MAX_SUBJECTS) for view in field.views)
        if subjects:
            subject = Attachment(container.path, (), (), ledger, content=subjects.encode("utf-8", "replace"), around=around)
            subject.is_body = True
            found.append(subject)
    pending = [(root, around)]
    while pending:
        part, around = pending.pop()
        within = around
        for attachment in _of_part(part, prefix + part.place, ledger, around):
            if part.is_message and within is around:
                within = attachment.around_parts
            found.append(attachment)
            found.extend(_open(attachment, ledger))
        pending.extend((child, within) for child in reversed(part.children))
    return found


def _of_part(part: Part, place: str, ledger: Ledger, around: Around) -> Iterator[Attachment]:
    if part.is_message:
        for content in part.contents(ledger):
            yield Attachment(
                place, part.name_candidates(), part.types, ledger, content=content, around=around, known_type="message/rfc822"
            )
        return
    if not part.is_leaf:
        return
    textual = is_textual(part)
    declared = part.types if part.declared else ()
    candidates = part.name_candidates() if part.declared or part.disposition else ()
    shown = not textual or bool(candidates) or part.is_attachment
    if shown and not candidates:
        candidates = part.described_names()
    is_inner = around.level > 0
    charsets = part.charsets() if shown or is_inner else ()
    is_entity = part.has_raw_child()
    for content in part.contents(ledger):
        if shown or is_inner or _may_be_file(content, ledger):
            attachment = Attachment(place, candidates, declared, ledger, content=content, around=around, declared_charsets=charsets)
            attachment.is_unwrapped = part.is_unwrapped
            attachment.may_be_cut = part.may_be_cut
            attachment.is_entity = is_entity
            if shown or (content and _is_file(attachment)):
                yield attachment
            elif is_inner:
                attachment.is_body = True
                yield attachment
        if not shown and not CARDS.isdisjoint(part.types):
            for member in contents.listing("text/calendar", content, (), ledger, place).members:
                yield Attachment(place, member.names, (), ledger, content=member.read(member.size), around=around)
        if not shown and not markup.BODIES.isdisjoint(part.types):
            page = contents.listing("text/html", content, (), ledger, place) if part.is_further else Listing()
            if page.members or page.active:
                yield Attachment(place, _PAGE, declared, ledger, content=content, around=around, declared_charsets=part.charsets())
            else:
                body = Attachment(place, (), part.types, ledger, around=around)
                body.is_body = True
                for member in markup.addressed(content, part.charsets(), ledger, place):
                    yield _as_attachment(body, member, ledger)
        if not shown and openpgp.BEGIN in content:  # what programs show of it without a key
            for member in openpgp.read(content, (), ledger, place).members:
                yield Attachment(place, member.names, (), ledger, content=member.read(member.size), around=around)
        written, is_cut = blocks.look(content)
        if is_cut:
            ledger.note(Defect.TOO_MANY_PARTS, place, Limit.FIXED)
        for block in written:
            ledger.note(block.defect, place)
            yield Attachment(place, (block.name,) if block.name else (), (), ledger, content=block.octets, around=around)


def _may_be_file(content: bytes, ledger: Ledger) -> bool:
    """Whether there is anything in what calls itself a text that no mere text has: told fast, and nearly always no."""
    return len(content) > ledger.budget.type_head or not filetype.is_text_at_most(content)


def _is_file(attachment: Attachment) -> bool:
    """Whether what calls itself a text is, by its content, something else, too."""
    types = attachment.identified.types
    if filetype.TEXT not in types:
        return bool(types)
    return len(types) > 1 and any(media in _NEVER_TEXT for media in types)


def _open(attachment: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    """What lies in an attachment, however deep."""
    pending = [attachment]
    while pending:
        container = pending.pop()
        inner = list(_members(container, ledger))
        if container is not attachment:
            yield container
        pending.extend(reversed(inner))


def _members(container: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    """What lies in a file."""
    ways = opening.ways_of(container, ledger)
    if not ways.any:
        return
    if container.around.level >= ledger.budget.container_depth:
        ledger.note(Defect.CONTAINER_TOO_DEEP, container.place)
        return
    is_cut = container.may_be_cut and returned.is_cut(container.octets())
    if is_cut:
        ledger.cut.add(container.place)
    trees = _letters(container, ledger) if ways.is_message else []
    if ways.is_signed:
        found = signed.content(container.octets(), ledger, container.place)
        if found and ledger.spend_member(container.place):
            ledger.spend_unpacked(len(found), container.place)
            if signed.is_entity(found):
                trees.append(structure.read(found, ledger))
            else:
                yield _as_attachment(container, held(_unsigned(container.names), found), ledger)
    for tree in trees:
        yield from collect(tree, ledger, container)
    if ways.is_tnef:
        yield from _of_tnef(container, ledger)
    if ways.kinds:
        container.opened = opening.opened(container, ways, ledger)
    last = len(container.opened.members) - 1
    for number, member in enumerate(container.opened.members):
        attachment = _as_attachment(container, member, ledger)
        attachment.may_be_cut = is_cut and number == last
        yield attachment


def _letters(container: Attachment, ledger: Ledger) -> list[Part]:
    """The message that a file is, or those in a mailbox, read for the first time."""
    octets = container.octets()
    length = _LENGTH.match(octets)
    letter = octets if length is None else octets[length.end() :]
    if not ledger.is_new(letter, container.around.packed_in):
        return []
    spans = mailbox.letters(letter, 0, len(letter)) if "mbox" in container.last_extensions else [(0, len(letter))]
    return [structure.read(letter[begin:end], ledger) for begin, end in spans if ledger.spend_part()]


def _unsigned(names: tuple[str, ...]) -> tuple[str, ...]:
    """What signed files were called before: "a.xml.p7m" was "a.xml"."""
    return tuple(name[:-4] if name.lower().endswith((".p7m", ".p7s")) else name for name in names)


def _as_attachment(container: Attachment, member: Member, ledger: Ledger) -> Attachment:
    shown = "".join(one if one.isprintable() else "?" for one in (member.names[0] if member.names else "unnamed")[-120:])
    place, declared, said = f"{container.path} > {shown}", member.types, member.charsets
    around = container.around_members
    return Attachment(place, member.names, declared, ledger, member=member, around=around, declared_charsets=said)


def _of_tnef(container: Attachment, ledger: Ledger) -> Iterator[Attachment]:
    read = container.winmail
    if read.damaged:
        ledger.note(Defect.TNEF_DAMAGED, container.place)
    # What acts and what is put into a body is found as in any page or document; a text that lies deeper is a text of its own.
    bodies = (_body_of_tnef(container, body, ledger) for body in read.bodies)
    members = (held(attached.every_name(), attached.octets, tuple(attached.types)) for attached in read.attached)
    for member in (*(body for body in bodies if body.size), *members):
        if not ledger.spend_member(container.place):
            return
        yield _as_attachment(container, member, ledger)


def _body_of_tnef(container: Attachment, body: tuple[str, bytes, str], ledger: Ledger) -> Member:
    kind, octets, own = body
    if kind == "rtf":
        return held((), ledger.unpack_rtf(octets, container.place))
    charset = container.winmail.charsets(kind, own)[0]
    if kind == "plain" or charset_names.seven_bit_means_ascii(charset):  # it shows by itself what it is
        return held((), octets)
    return held((), octets, ("text/html",), (charset,))

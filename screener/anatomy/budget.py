"""Every limit of one message. Reaching a limit is a defect, never an exception; who chooses other figures is the caller."""

from screener.frozen import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits with their defaults; all sizes in octets."""

    header_octets: int = 256 * KIB  # one header block
    header_lines: int = 1_000  # fields of one header block
    field_octets: int = 64 * KIB  # one field; what lies behind is not looked at
    parts: int = 1_000  # parts of the whole message, all views and nested messages together
    depth: int = 50  # multiparts and messages in one another
    names: int = 64  # candidate names of one attachment
    decoded_octets: int = 192 * MIB  # transfer decoding, all parts together, …
    decoded_factor: int = 24  # … as many as this in sizes of the message
    decoded_floor: int = 16 * MIB  # … but always as many as this
    scanned_factor: int = 24  # octets the tokenizer may look at, in sizes of the message
    scanned_floor: int = 8 * MIB  # … but always as many as this
    reread_factor: int = 8  # octets of messages in files that are read, in sizes of the mail and of what was unpacked
    container_depth: int = 6  # archives in archives
    container_members: int = 5_000  # members of all containers together
    container_octets: int = 128 * MIB  # unpacked octets of all containers together
    container_ratio: int = 250  # unpacked to packed, looked at beyond container_ratio_floor
    container_ratio_floor: int = 32 * MIB
    document_octets: int = 16 * MIB  # unpacked objects of one PDF, markup of one page, …
    document_factor: int = 24  # … of a PDF as many as this in its sizes: objects are packed to a twentieth, beside fonts and images
    document_floor: int = 512 * KIB  # … but always as many as this
    document_text: int = 8 * MIB  # markup of documents read for words, all documents together
    stepped_octets: int = 512 * KIB  # of documents, unpacked one by one by this program: LZW, predictors
    inline_document: int = 128 * KIB  # documents the service itself reads; more goes to a screening process
    text_octets: int = 4 * MIB  # text for words, as it is shown, all texts together; beyond it the text is cut and says so
    text_read: int = (
        8 * MIB
    )  # text as it came, markup in it, all texts together; where it is more, comments, styles and scripts are left out
    text_factor: int = 48  # … of it as many octets as this in sizes of the mail; honest text is packed to a tenth
    text_floor: int = 2 * MIB  # … but always as many as this
    inline_steps: int = 64 * KIB  # … octets of them that are unpacked one by one
    inline_text: int = 128 * KIB  # text the service itself reads; more goes to a screening process
    inline_growing: int = 2_000  # letters in it that become several as words are looked for
    inline_broken: int = 32 * KIB  # octets of texts in which not all are letters of their charset, where it is one of pairs
    inline_tags: int = 6_000  # tags of pages, and words of RTF
    inline_runs: int = 100  # lines of base64 where no part is, at each of which a file may begin
    inline_header: int = 32 * KIB  # octets of all header blocks the service itself reads, …
    inline_fields: int = 200  # … fields of one, and lines of calendars and cards that may have files,
    inline_parts: int = 64  # … parts of the message,
    inline_defects: int = 50  # … findings; a mail with more goes to a screening process
    charset_sample: int = 4 * KIB  # octets the charset detector sees
    detections: int = 500  # how often it is asked, …
    inline_detections: int = 5  # … by the service itself; a mail that needs more goes to a screening process
    guessed: int = 4 * MIB  # octets read in the common charsets where nobody knows, once for each
    type_head: int = 64 * KIB  # octets searched for signatures, at either end
    defects: int = 20  # places of one defect kept; that many of every kind, so that none hides behind another

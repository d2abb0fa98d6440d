"""The closed list of what can be odd about a message: a name for rules, how bad it is, a sentence for admins, a source.

Names that Exchange's MIME compliance checks know are used where they mean the same (missing-boundary, invalid-header …).
Encryption (S/MIME, PGP) is a fact of a mail, not a defect, and stands elsewhere.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType

from screener.frozen import dataclass


class Severity(StrEnum):
    """What an oddity means for judging the mail."""

    SLOPPY = "sloppy"  # irregular, but all readers show the same
    AMBIGUOUS = "ambiguous"  # readers would show different names, types, octets or text
    UNREADABLE = "unreadable"  # cannot be judged (within the budget)


class Defect(StrEnum):
    """Every oddity, as a rule writes it."""

    # seen on the wire, or in the lines of the whole content
    BARE_CR = "bare-cr"
    BARE_LF = "bare-lf"
    NUL = "nul"
    LONG_LINE = "long-line"
    # the header block
    BARE_CR_IN_HEADER = "bare-cr-in-header"
    BARE_LF_IN_HEADER = "bare-lf-in-header"
    NUL_IN_HEADER = "nul-in-header"
    EIGHT_BIT_IN_HEADER = "eight-bit-in-header"
    HEADER_TOO_LARGE = "header-too-large"
    TOO_MANY_FIELDS = "too-many-fields"
    FIELD_TOO_LONG = "field-too-long"
    INVALID_HEADER = "invalid-header"
    SPACE_BEFORE_COLON = "space-before-colon"
    ODD_FIELD_NAME = "odd-field-name"
    DOUBTFUL_MIME_FIELD = "doubtful-mime-field"
    INDENTED_FIELD = "indented-field"
    BLANK_FOLDED_LINE = "blank-folded-line"
    MBOX_FROM_LINE = "mbox-from-line"
    BOM_BEFORE_HEADER = "bom-before-header"
    BLANK_BEFORE_HEADER = "blank-before-header"
    MISSING_BODY_SEPARATOR = "missing-body-separator"
    MALFORMED_ENCODED_WORD = "malformed-encoded-word"
    SEVERAL_FROM = "several-from"
    DUPLICATE_SUBJECT = "duplicate-subject"
    DUPLICATE_CONTENT_TYPE = "duplicate-content-type"
    DUPLICATE_CONTENT_DISPOSITION = "duplicate-content-disposition"
    DUPLICATE_TRANSFER_ENCODING = "duplicate-transfer-encoding"
    INVALID_CONTENT_TYPE = "invalid-content-type"
    # multiparts
    MISSING_BOUNDARY_PARAMETER = "missing-boundary-parameter"
    DUPLICATE_BOUNDARY_PARAMETER = "duplicate-boundary-parameter"
    ENCODED_BOUNDARY = "encoded-boundary"
    INVALID_BOUNDARY = "invalid-boundary"
    LONG_BOUNDARY = "long-boundary"
    MISSING_BOUNDARY = "missing-boundary"
    NO_PARTS = "no-parts"
    MISSING_FINAL_BOUNDARY = "missing-final-boundary"
    BOUNDARY_REUSED = "boundary-reused"
    BOUNDARY_WITHOUT_MULTIPART = "boundary-without-multipart"
    PARTS_AFTER_END = "parts-after-end"
    CONTENT_IN_PREAMBLE = "content-in-preamble"
    CONTENT_IN_EPILOGUE = "content-in-epilogue"
    HIDDEN_MULTIPART = "hidden-multipart"
    ENCODED_MULTIPART = "encoded-multipart"
    ENCODED_MESSAGE = "encoded-message"
    PARTIAL_MESSAGE = "partial-message"
    EXTERNAL_BODY = "external-body"
    TOO_MANY_PARTS = "too-many-parts"
    TOO_DEEP = "too-deep"
    TOO_MUCH_STRUCTURE = "too-much-structure"
    # transfer encodings
    INVALID_TRANSFER_ENCODING = "invalid-transfer-encoding"
    UNKNOWN_TRANSFER_ENCODING = "unknown-transfer-encoding"
    SLOPPY_BASE64 = "sloppy-base64"
    DAMAGED_BASE64 = "damaged-base64"
    SLOPPY_QUOTED_PRINTABLE = "sloppy-quoted-printable"
    DAMAGED_QUOTED_PRINTABLE = "damaged-quoted-printable"
    UUENCODED_BLOCK = "uuencoded-block"
    YENC_BLOCK = "yenc-block"
    BINHEX_BLOCK = "binhex-block"
    UNEXPECTED_BINARY_CONTENT = "unexpected-binary-content"
    TOO_MUCH_DECODED = "too-much-decoded"
    # names
    SEVERAL_NAMES = "several-names"
    DISGUISED_NAME = "disguised-name"
    IRREGULAR_PARAMETER = "irregular-parameter"
    TOO_MANY_PARAMETERS = "too-many-parameters"
    TOO_MANY_NAMES = "too-many-names"
    # charsets and text
    UNKNOWN_CHARSET = "unknown-charset"
    WRONG_CHARSET = "wrong-charset"
    DAMAGED_TEXT = "damaged-text"
    TEXT_TRUNCATED = "text-truncated"
    # containers
    CONTAINER_DAMAGED = "container-damaged"
    CONTAINER_AMBIGUOUS = "container-ambiguous"
    CONTAINER_OVERLAP = "container-overlap"
    CONTAINER_TOO_MANY_MEMBERS = "container-too-many-members"
    CONTAINER_TOO_DEEP = "container-too-deep"
    CONTAINER_TOO_LARGE = "container-too-large"
    CONTAINER_METHOD = "container-method"
    CONTAINER_VOLUME = "container-volume"
    RETURNED_CUT = "returned-cut"
    TNEF_DAMAGED = "tnef-damaged"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a defect means: severity, one sentence for an admin, and where the rule it breaks is written.

    Of a limit the sentence names the settings that are to be raised.
    """

    severity: Severity
    sentence: str
    source: str


class Limit(StrEnum):
    """Which of the limits was reached that one defect may be of."""

    DECODED = "screening.budget.decoded"
    DOCUMENT = "screening.budget.document"
    PARTS = "screening.budget.parts"
    RATIO = "screening.budget.ratio"
    READINGS = "screening.budget.readings"
    TEXT = "screening.budget.text"
    UNPACKED = "screening.budget.unpacked"
    FIXED = "a limit that no setting moves"


@dataclass(frozen=True, slots=True)
class DefectFound:
    """One finding: which, and where ("headers", "part 1.2", "part 2 > a.zip"); of a limit which, where there are several."""

    defect: Defect
    place: str
    limit: Limit | None = field(default=None, compare=False)

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return DEFECTS[self.defect].severity


_S, _A, _U = Severity.SLOPPY, Severity.AMBIGUOUS, Severity.UNREADABLE
DEFECTS: Mapping[Defect, Meaning] = MappingProxyType(
    {
        Defect.BARE_CR: Meaning(_S, "A CR without LF came over the wire.", "RFC 5321 2.3.8"),
        Defect.BARE_LF: Meaning(_S, "A LF without CR came over the wire or stands in the body.", "RFC 5321 2.3.8"),
        Defect.NUL: Meaning(_S, "The content holds NUL octets.", "RFC 5322 2.1, 4"),
        Defect.LONG_LINE: Meaning(_S, "A line is longer than 998 octets.", "RFC 5322 2.1.1"),
        Defect.BARE_CR_IN_HEADER: Meaning(
            _A, "A CR without LF stands in a header; some readers end the line there.", "RFC 5322 2.2"
        ),
        Defect.BARE_LF_IN_HEADER: Meaning(_S, "A LF without CR ends a header line.", "RFC 5322 2.2"),
        Defect.NUL_IN_HEADER: Meaning(_A, "A header holds a NUL octet; some readers cut there.", "RFC 5322 2.2"),
        Defect.EIGHT_BIT_IN_HEADER: Meaning(
            _S, "A header holds 8-bit characters that are not UTF-8.", "RFC 5322 2.2, RFC 6532 3.2"
        ),
        Defect.HEADER_TOO_LARGE: Meaning(
            _U, "The header is larger than screening.budget.header; the rest of it was not read.", "screener.yaml"
        ),
        Defect.TOO_MANY_FIELDS: Meaning(_U, "There are more header fields than screening.budget.header_fields.", "screener.yaml"),
        Defect.FIELD_TOO_LONG: Meaning(
            _U, "A header field is longer than screening.budget.field; the rest of it was not read.", "screener.yaml"
        ),
        Defect.INVALID_HEADER: Meaning(
            _A, "A line in the header is no header field; some readers end the header there.", "RFC 5322 2.2"
        ),
        Defect.SPACE_BEFORE_COLON: Meaning(
            _A, "Space stands between a field's name and its colon; some readers lose the field.", "RFC 5322 4.5"
        ),
        Defect.ODD_FIELD_NAME: Meaning(
            _A, "A field name holds a comment, control or foreign characters; some readers lose the field.", "RFC 5322 2.2"
        ),
        Defect.DOUBTFUL_MIME_FIELD: Meaning(
            _A,
            "A MIME field, such as Content-Type, follows an odd line of the header, or is one; some readers lose it.",
            "RFC 5322 2.2, RFC 2045 3",
        ),
        Defect.INDENTED_FIELD: Meaning(
            _A, "An indented line looks like a MIME field; some readers take it for one.", "RFC 5322 2.2.3"
        ),
        Defect.BLANK_FOLDED_LINE: Meaning(
            _A, "A line of blanks stands in the header; some readers end the header there.", "RFC 5322 3.2.2, 4.2"
        ),
        Defect.MBOX_FROM_LINE: Meaning(_S, 'An mbox "From " line stands before the header.', "RFC 4155"),
        Defect.BOM_BEFORE_HEADER: Meaning(
            _A, "A byte order mark stands before the header; some readers lose the first field.", "RFC 5322 2.2"
        ),
        Defect.BLANK_BEFORE_HEADER: Meaning(
            _A, "Header fields follow a blank line; some readers take them for text, some do not.", "RFC 5322 2.1"
        ),
        Defect.MISSING_BODY_SEPARATOR: Meaning(_S, "No blank line ends the header.", "RFC 5322 2.1"),
        Defect.MALFORMED_ENCODED_WORD: Meaning(_S, "An encoded word in a header is malformed.", "RFC 2047 2, 6.3"),
        Defect.SEVERAL_FROM: Meaning(
            _A, "It has more than one From or Sender field, or several mailboxes in From and none in Sender.", "RFC 5322 3.6, 3.6.2"
        ),
        Defect.DUPLICATE_SUBJECT: Meaning(_A, "There is more than one Subject field.", "RFC 5322 3.6"),
        Defect.DUPLICATE_CONTENT_TYPE: Meaning(
            _A, "A part has several different Content-Type fields; readers choose differently.", "RFC 2045 5"
        ),
        Defect.DUPLICATE_CONTENT_DISPOSITION: Meaning(_A, "A part has several different Content-Disposition fields.", "RFC 2183 2"),
        Defect.DUPLICATE_TRANSFER_ENCODING: Meaning(_A, "A part has several different transfer encodings.", "RFC 2045 6"),
        Defect.INVALID_CONTENT_TYPE: Meaning(
            _A, "A Content-Type is malformed; readers guess differently what it means.", "RFC 2045 5.1, 5.2"
        ),
        Defect.MISSING_BOUNDARY_PARAMETER: Meaning(_A, "A multipart does not say its boundary.", "RFC 2046 5.1.1"),
        Defect.DUPLICATE_BOUNDARY_PARAMETER: Meaning(_A, "A multipart can be read with different boundaries.", "RFC 2046 5.1.1"),
        Defect.ENCODED_BOUNDARY: Meaning(
            _A, "A boundary is given in an encoded form that few readers know.", "RFC 2231 3, RFC 2047 5"
        ),
        Defect.INVALID_BOUNDARY: Meaning(_A, "A boundary is empty, far too long or holds foreign characters.", "RFC 2046 5.1.1"),
        Defect.LONG_BOUNDARY: Meaning(_S, "A boundary is longer than 70 characters.", "RFC 2046 5.1.1"),
        Defect.MISSING_BOUNDARY: Meaning(_A, "A multipart's boundary does not occur in its body.", "RFC 2046 5.1.1"),
        Defect.NO_PARTS: Meaning(_S, "A multipart has no parts, and no line that could begin one.", "RFC 2046 5.1.1"),
        Defect.MISSING_FINAL_BOUNDARY: Meaning(_S, "A multipart has no final boundary.", "RFC 2046 5.1.1"),
        Defect.BOUNDARY_REUSED: Meaning(_A, "A multipart uses the boundary of the one it lies in.", "RFC 2046 5.1.2"),
        Defect.BOUNDARY_WITHOUT_MULTIPART: Meaning(
            _A, "A part that is no multipart has a boundary that occurs in it.", "RFC 2046 5.1"
        ),
        Defect.PARTS_AFTER_END: Meaning(_A, "Parts follow after the final boundary of a multipart.", "RFC 2046 5.1.1"),
        Defect.CONTENT_IN_PREAMBLE: Meaning(
            _A, "Encoded content or fields stand before the first part of a multipart.", "RFC 2046 5.1.1"
        ),
        Defect.CONTENT_IN_EPILOGUE: Meaning(
            _A, "Encoded content or fields stand after the last part of a multipart.", "RFC 2046 5.1.1"
        ),
        Defect.HIDDEN_MULTIPART: Meaning(
            _A, "A part that is no multipart looks like one with more than text in it.", "RFC 2046 5.1"
        ),
        Defect.ENCODED_MULTIPART: Meaning(_A, "A multipart as a whole is transfer encoded.", "RFC 2045 6.4"),
        Defect.ENCODED_MESSAGE: Meaning(
            _A, "An attached message is transfer encoded as a whole, not in clean base64.", "RFC 2046 5.2.1"
        ),
        Defect.PARTIAL_MESSAGE: Meaning(_U, "It is a fragment of a message that only the reader puts together.", "RFC 2046 5.2.2"),
        Defect.EXTERNAL_BODY: Meaning(_U, "Its body lies elsewhere and is fetched by the reader.", "RFC 2046 5.2.3"),
        Defect.TOO_MANY_PARTS: Meaning(
            _U, "There are more parts than screening.budget.parts, or too many files written into one text.", "screener.yaml"
        ),
        Defect.TOO_DEEP: Meaning(_U, "Parts lie deeper in one another than screening.budget.depth.", "screener.yaml"),
        Defect.TOO_MUCH_STRUCTURE: Meaning(
            _U, "Its structure can be read in so many ways that screening.budget.readings did not do for all.", "screener.yaml"
        ),
        Defect.INVALID_TRANSFER_ENCODING: Meaning(
            _A, "A transfer encoding is misspelt or malformed; readers guess differently.", "RFC 2045 6.1"
        ),
        Defect.UNKNOWN_TRANSFER_ENCODING: Meaning(_U, "A transfer encoding is unknown.", "RFC 2045 6.3, 6.4"),
        Defect.SLOPPY_BASE64: Meaning(
            _S, "Base64 holds other characters or lacks padding, but reads the same everywhere.", "RFC 2045 6.8"
        ),
        Defect.DAMAGED_BASE64: Meaning(_A, "Base64 is damaged so that readers decode different octets.", "RFC 2045 6.8"),
        Defect.SLOPPY_QUOTED_PRINTABLE: Meaning(
            _S, "Quoted-printable is irregular, but reads the same everywhere.", "RFC 2045 6.7"
        ),
        Defect.DAMAGED_QUOTED_PRINTABLE: Meaning(
            _A, "Quoted-printable is damaged so that readers decode different octets.", "RFC 2045 6.7"
        ),
        Defect.UUENCODED_BLOCK: Meaning(
            _A, "A text holds a uuencoded file, which some readers show as an attachment.", "POSIX uuencode"
        ),
        Defect.YENC_BLOCK: Meaning(_A, "A text holds a yEnc file, which some readers show as an attachment.", "yEnc draft 1.3"),
        Defect.BINHEX_BLOCK: Meaning(_A, "It holds a BinHex file, which some readers show as an attachment.", "RFC 1741"),
        Defect.UNEXPECTED_BINARY_CONTENT: Meaning(_S, "8-bit or binary octets stand where 7-bit text is declared.", "RFC 2045 6.2"),
        Defect.TOO_MUCH_DECODED: Meaning(
            _U,
            "More octets come out of transfer decoding than screening.budget.decoded or screening.budget.readings.",
            "screener.yaml",
        ),
        Defect.SEVERAL_NAMES: Meaning(
            _A, "An attachment has different names, and readers choose differently.", "RFC 2183 2.3, RFC 2231"
        ),
        Defect.DISGUISED_NAME: Meaning(_A, "A file name hides its true ending from people.", "Unicode TR36 2.5"),
        Defect.IRREGULAR_PARAMETER: Meaning(
            _S, "A MIME field or a parameter of it is malformed, but means the same to all.", "RFC 2045 5.1, RFC 2231"
        ),
        Defect.TOO_MANY_PARAMETERS: Meaning(_U, "A MIME field has more parameters than are read.", "RFC 2045 5.1"),
        Defect.TOO_MANY_NAMES: Meaning(_U, "An attachment has more names than screening.budget.names.", "screener.yaml"),
        Defect.UNKNOWN_CHARSET: Meaning(_A, "A charset is unknown; readers guess differently.", "RFC 2046 4.1.2"),
        Defect.WRONG_CHARSET: Meaning(_A, "A text is not in the charset it declares.", "RFC 2046 4.1.2"),
        Defect.DAMAGED_TEXT: Meaning(
            _A,
            "A text's type is malformed, or its transfer encoding damaged or doubled; readers show different letters, but no file.",
            "RFC 2045 5, 6",
        ),
        Defect.TEXT_TRUNCATED: Meaning(
            _S,
            "There is more text than screening.budget.text, or more that says how it reads (charsets, styles, entities, fonts, "
            "what a PDF's page leads to) than is followed.",
            "screener.yaml",
        ),
        Defect.CONTAINER_DAMAGED: Meaning(
            _U, "A container's list of members cannot be read, or what is packed cannot be unpacked to its end.", "APPNOTE.TXT 4.3"
        ),
        Defect.CONTAINER_AMBIGUOUS: Meaning(
            _A,
            "An archive, disc or document says different or untrue things of the files in it; programs would show other files, "
            "names or sizes.",
            "APPNOTE.TXT 4.3.12, 4.4.9; RFC 1952 2.3.1; ISO 32000-1 7.5",
        ),
        Defect.CONTAINER_OVERLAP: Meaning(_U, "Members of a container overlap, as in a bomb.", "APPNOTE.TXT 4.3"),
        Defect.CONTAINER_TOO_MANY_MEMBERS: Meaning(
            _U, "Containers have more members than screening.budget.members.", "screener.yaml"
        ),
        Defect.CONTAINER_TOO_DEEP: Meaning(
            _U, "Containers lie deeper in one another than screening.budget.containers.", "screener.yaml"
        ),
        Defect.CONTAINER_TOO_LARGE: Meaning(
            _U,
            "More comes out of containers than screening.budget.unpacked, screening.budget.ratio or screening.budget.document, "
            "or reading them is too much work.",
            "screener.yaml",
        ),
        Defect.CONTAINER_METHOD: Meaning(
            _U, "A container, or what lies in it, is packed or locked in a way that cannot be read.", "APPNOTE.TXT 4.4.5"
        ),
        Defect.CONTAINER_VOLUME: Meaning(
            _U,
            "It is a piece of a container that only the reader puts together.",
            "APPNOTE.TXT 8; RAR 5.0 technote, main archive header",
        ),
        Defect.RETURNED_CUT: Meaning(_S, "A bounce returns only the beginning of a message, and of a file in it.", "RFC 6522 3"),
        Defect.TNEF_DAMAGED: Meaning(_U, "Outlook's winmail.dat cannot be read to its end.", "MS-OXTNEF 2.1"),
    }
)

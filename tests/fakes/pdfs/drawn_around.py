"""What stands around a word that is drawn, how its operators are written, and where else words are shown; known by `drawn`."""

import re
import zlib

from fakes.pdfs.drawn_text import Drawer
from fakes.pdfs.lettering import stream

_TOKEN = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[^<>]*>|<<|>>|/[^\s/<>\[\]()%{}]*|[^\s/<>\[\]()%{}]+|\s+|.", re.DOTALL)
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?")
_OPERATOR = re.compile(rb"[A-Za-z'\"*]+[0-9]?")


class Around(Drawer):
    """The same."""

    def _around(self, text: bytes) -> bytes:
        chance = self._chance
        if self._does("images"):
            images = (
                *(
                    b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI ",
                    b"BI /W 4 /H 1 /BPC 8 /CS /G ID (<EI EI ",
                    b"BI /W 9 /H 1 /BPC 8 /CS /G ID a EI BT ( EI ",
                    b"BI /W 1/H 1/IM true/F/AHx ID 80> EI ",
                ),
                *(
                    b"BI /W 1 /H 1 /BPC 8 /CS /G ID x\nEI\n",
                    b"BI ID EI ",
                    b"BI /W 1 /H 1 /BPC 8 /CS /G /F/Fl ID " + zlib.compress(b"x") + b" EI ",
                    b"BI /W 1 /H 1 ID (",
                    b"BI /W 2 /H 2 /BPC 8 /CS /RGB ID 12 EI 34567 EI ",
                ),
            )
            image = chance.choice(images)
            self._tell(repr(image))
            text = image + text + chance.choice((b"", b" " + image))
        if self._does("marked"):
            marks = (
                b"/P BMC %s EMC",
                b"/P<</MCID 0>>BDC %s EMC",
                b"/Artifact<</Type/Pagination>>BDC %s EMC",
                b"/OC/L1 BDC %s EMC",
                b"BX %s EX",
                b"/OC/L2 BDC %s EMC",
                b"/P BDC %s EMC",
                b"EMC %s",
                b"/P BMC %s",
            )
            mark = chance.choice(marks)
            off = self.add(b"<</Type/OCG/Name(layer)>>")
            on = self.add(b"<</Type/OCG/Name(other)>>")
            self._more += b"/Properties<</L1 %d 0 R/L2 %d 0 R>>" % (off, on)
            self._catalog += b"/OCProperties<</OCGs[%d 0 R %d 0 R]/D<</OFF[%d 0 R]>>>>" % (off, on, off)
            self._tell(mark.decode())
            text = mark.replace(b"%s", text)
        return text

    def _odd(self, content: bytes) -> bytes:
        """Written as no program writes it."""
        chance = self._chance
        tokens = _TOKEN.findall(content)
        for _ in range(chance.choice((1, 1, 2, 3))):
            at = chance.randrange(len(tokens)) if tokens else 0
            if not tokens:
                break
            token = tokens[at]
            if token.isspace():
                tokens[at] = chance.choice(
                    (
                        b"\0",
                        b"%x\n",
                        b"\r",
                        b"\x0c",
                        b"",
                        b"\n\n",
                        b"%(\n",
                        b"%)\r",
                        b" %<\n",
                        b"\t",
                        b"\x0b",
                        b"%BT\n",
                        b" ] ",
                        b" [ ",
                        b" << ",
                        b" >> ",
                        b" ) ",
                        b" > ",
                        b" { ",
                        b" } ",
                        b" null ",
                        b" x ",
                        b" /x ",
                        b" 5 ",
                        b" (x) ",
                        b"\x80",
                    )
                )
            elif _NUMBER.fullmatch(token):
                tokens[at] = (
                    chance.choice(
                        (
                            b"--%b",
                            b"+%b",
                            b"%b.",
                            b"%b.0.1",
                            b"0%b",
                            b"%b-",
                            b"%be0",
                            b"- %b",
                            b"%b-3",
                            b"+-%b",
                            b"%b.0",
                            b"16#%b",
                            b"%b/",
                            b"%b%%\n",
                            b".%b",
                            b"-.",
                            b"%bx",
                            b"%b,0",
                            b"4294967296",
                            b"true",
                        )
                    )
                    .replace(b"%b", token)
                    .replace(b"%%", b"%")
                )
            elif token.startswith((b"(", b"<")) and len(token) > 2:
                tokens[at] = chance.choice(
                    (
                        token[:-1],
                        token + token[-1:],
                        b"((" + token[1:],
                        token + b"%x\n",
                        b"[" + token + b"]",
                        b"[[" + token + b"]]",
                        token + b"(x)",
                        b"(x)" + token,
                        token + b"0",
                        token[:-1] + b"\\" + token[-1:],
                        b"<<" + token + b">>",
                        token + b"null",
                    )
                )
            elif _OPERATOR.fullmatch(token):
                tokens[at] = chance.choice(
                    (
                        token + b" ",
                        b"x " + token,
                        token + b"x",
                        b"/" + token,
                        token.lower(),
                        token + b";",
                        token + b" " + token,
                        b"",
                        token + b"\0",
                        token + b"\x80",
                        b"0" + token,
                        token + b"1",
                        token[:1] + b"\0" + token[1:],
                        token[:1] + b" " + token[1:],
                        token + b"%",
                        b"." + token,
                        b"-" + token,
                        token + b".",
                        b"\x80" + token,
                    )
                )
            self._tell(f"{token!r}→{tokens[at]!r}")
        return b"".join(tokens)

    def _elsewhere(self) -> None:
        chance = self._chance
        word = self._word.encode()
        said = chance.choice(
            (
                b"(so %b so)" % word,
                b"<%b>" % word.hex().encode(),
                b"<feff%b>" % self._word.encode("utf-16-be").hex().encode(),
                b"(%b)" % word,
                b"(\xef\xbb\xbf%b)" % word,
                b"(\\%03o%b)" % (word[0], word[1:]),
            )
        )
        if chance.random() < 0.3:
            said = b" %d 0 R" % self.add(said)
        form = self.add(
            stream(
                b"/Type/XObject/Subtype/Form/BBox[0 0 300 50]/Resources<</Font<</F1 %d 0 R>>>>" % self._fonts[b"F2"].number,
                b"BT /F1 12 Tf 5 5 Td (so %b so) Tj ET" % word,
            )
        )
        rect = b"/Rect[72 400 372 450]"
        annot, widget = b"<</Type/Annot/Subtype/", b"<</Type/Annot/Subtype/Widget/FT/"
        places = {
            "free text": (annot + b"FreeText%b/DA(/Helv 12 Tf)/Contents%b>>" % (rect, said), "annot"),
            "free text drawn": (annot + b"FreeText%b/F 4/AP<</N %d 0 R>>>>" % (rect, form), "annot"),
            "states": (widget + b"Btn/T(b)%b/F 4/AS/On/AP<</N<</On %d 0 R/Off null>>>>>>" % (rect, form), "annot"),
            "author": (annot + b"Text%b/T%b/Contents(x)>>" % (rect, said), "annot"),
            "note": (annot + b"Text%b/Contents%b>>" % (rect, said), "annot"),
            "subject": (annot + b"Square%b/Subj%b/Contents(x)>>" % (rect, said), "annot"),
            "rich": (annot + b"FreeText%b/RC(<body><p>so %b so</p></body>)/Contents(x)/DA(/Helv 12 Tf)>>" % (rect, word), "annot"),
            "rich parted": (
                annot
                + b"FreeText%b/RC(<body><p>so %b<b>%b</b> so</p></body>)/Contents(x)/DA(/Helv 12 Tf)>>"
                % (rect, word[:4], word[4:]),
                "annot",
            ),
            "link": (annot + b"Link%b/Contents%b/A<</S/URI/URI(http://a/)>>>>" % (rect, said), "annot"),
            "value": (widget + b"Tx/T(b)%b/DA(/Helv 12 Tf 0 g)/V%b>>" % (rect, said), "field"),
            "default": (widget + b"Tx/T(b)%b/DA(/Helv 12 Tf 0 g)/DV%b>>" % (rect, said), "field"),
            "name": (widget + b"Tx/T%b%b/DA(/Helv 12 Tf 0 g)>>" % (said, rect), "field"),
            "tool tip": (widget + b"Tx/T(b)/TU%b%b/DA(/Helv 12 Tf 0 g)>>" % (said, rect), "field"),
            "options": (
                widget + b"Ch/Ff %d/T(b)%b/DA(/Helv 12 Tf 0 g)/Opt[(x)%b(y)]>>" % (chance.choice((0, 131072)), rect, said),
                "field",
            ),
            "options of pairs": (widget + b"Ch/T(b)%b/DA(/Helv 12 Tf 0 g)/Opt[[(1)(x)][(2)%b]]>>" % (rect, said), "field"),
            "options apart": (
                widget + b"Ch/T(b)%b/DA(/Helv 12 Tf 0 g)/Opt %d 0 R>>" % (rect, self.add(b"[(x)%b]" % said)),
                "field",
            ),
            "values": (widget + b"Ch/Ff 2097152/T(b)%b/DA(/Helv 12 Tf 0 g)/Opt[(x)]/V[(x)%b]>>" % (rect, said), "field"),
            "caption": (widget + b"Btn/Ff 65536/T(b)%b/DA(/Helv 12 Tf 0 g)/MK<</CA%b>>>>" % (rect, said), "field"),
            "overlay": (annot + b"Redact%b/OverlayText%b/DA(/Helv 12 Tf 0 g)>>" % (rect, said), "annot"),
            "stamp": (annot + b"Stamp%b/Name/%b>>" % (rect, word), "annot"),
            **{kind: (b"", kind) for kind in ("outline", "label", "layer", "info", "alternative")},
        }
        place = chance.choice([*places])
        self._tell(f"elsewhere: {place} {said[:9]!r}")
        body, kind = places[place]
        match kind:
            case "annot" | "field":
                number = self.add(body)
                self._page += b"/Annots[%d 0 R]" % number
                if kind == "field":
                    self._catalog += b"/AcroForm<</Fields[%d 0 R]/DA(/Helv 12 Tf 0 g)/DR<</Font<</Helv %d 0 R>>>>>>" % (
                        number,
                        self._fonts[b"F2"].number,
                    )
            case "outline":
                root = self._next + 1
                self.add(b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count 1>>" % (root + 1, root + 1))
                self.add(b"<</Title%b/Parent %d 0 R/Dest[3 0 R/Fit]>>" % (said, root))
                self._catalog += b"/Outlines %d 0 R" % root
            case "label":
                self._catalog += chance.choice(
                    (
                        b"/PageLabels<</Nums[0<</P%b>>]>>" % said,
                        b"/PageLabels<</Nums[0 %d 0 R]>>" % self.add(b"<</S/D/P%b>>" % said),
                        b"/PageLabels %d 0 R"
                        % self.add(b"<</Kids[%d 0 R]>>" % self.add(b"<</Limits[0 0]/Nums[0<</P%b/St 3>>]>>" % said)),
                    )
                )
            case "layer":
                layer = self.add(
                    chance.choice((b"<</Type/OCG/Name%b>>", b"<</Name%b/Type/OCG>>", b"<</Type/OCG/Intent/View/Name%b/Usage<<>>>>"))
                    % said
                )
                self._catalog += b"/OCProperties<</OCGs[%d 0 R]/D<</Order[%d 0 R]>>>>" % (layer, layer)
            case "info":
                self._catalog += b"/Info %d 0 R" % self.add(
                    b"<</%b%b>>" % (chance.choice((b"Title", b"Subject", b"Keywords", b"Author", b"Creator", b"Producer")), said)
                )
            case _:
                element = self.add(
                    b"<</Type/StructElem/S/Figure/P %d 0 R/Pg 3 0 R/K 0/%b%b>>"
                    % (self._next + 2, chance.choice((b"Alt", b"ActualText", b"T", b"E")), said)
                )
                root = self.add(b"<</Type/StructTreeRoot/K[%d 0 R]>>" % element)
                self._catalog += b"/StructTreeRoot %d 0 R/MarkInfo<</Marked true>>" % root

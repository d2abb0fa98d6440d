"""RTF's words for what stands in a group and is not shown there (RTF 1.9.1, appendix B, "destination"), and for letters."""

import re

# Names, tables, properties, codes and marks; what is shown elsewhere on the page (headers, notes, boxes) is not among them.
_SILENT_WORDS = (
    "aftncn aftnsep aftnsepc atnauthor atndate atnicn atnid atnparent atnref atntime atrfend atrfstart author background bkmkend "
    "bkmkstart blipuid buptim category colorschememapping colortbl comment company creatim datafield datastore defchp defpap "
    "doccomm docvar ebcend ebcstart factoidname falt fchars ffdeftext ffentrymcr ffexitmcr ffformat ffhelptext ffl ffname "
    "ffstattext file filetbl fldinst fldtype fname fontemb fontfile fonttbl formfield ftncn ftnsep ftnsepc g generator gridtbl "
    "hl hlfr hlinkbase hlloc hlsrc hsv htmltag info keycode keywords latentstyles lchars levelnumbers leveltext lfolevel linkval "
    "list listlevel listname listoverride listoverridetable listpicture liststylename listtable listtext lsdlockedexcept "
    "mailmerge manager mmathPr mhtmltag mmaddfieldname mmconnectstr mmconnectstrdata mmdatasource mmheadersource mmmailsubject "
    "mmodso mmodsofilter mmodsofldmpdata mmodsomappedname mmodsoname mmodsorecipdata mmodsosort mmodsosrc mmodsotable mmodsoudl "
    "mmodsoudldata mmodsouniquetag mmquery nesttableprops nextfile nonesttables nonshppict objalias objclass objdata objname "
    "objsect objtime oldcprops oldpprops oldsprops oldtprops oleclsid operator panose password passwordhash pgp pgptbl picprop "
    "pict pn pnseclvl pntext pntxta pntxtb printim private propname protend protstart protusertbl pxe revtbl revtim rsidtbl rxe "
    "shppict shprslt sn sp staticval stylesheet subject sv svb tc template themedata title txe userprops wgrffmtfilter "
    "windowcaption writereservation writereservhash xe xform xmlattrname xmlattrvalue xmlclose xmlname xmlnstbl xmlopen"
)
SILENT = frozenset(_SILENT_WORDS.split())
# Those that are shown, be it elsewhere; what else stands behind "\*" shows nothing to whom does not know it, and is none to others.
_SHOWN_WORDS = (
    "annotation do dptxbxtext field fldrslt footer footerf footerl footerr footnote header headerf headerl headerr object result "
    "shp shpgrp shpinst shptxt ud upr"
)
SHOWN = frozenset(_SHOWN_WORDS.split())
# What stands for letters.
LETTERS = {
    **dict.fromkeys(("par", "line", "page", "cell", "row", "sect", "column", "lbr", "nestcell", "nestrow"), "\n"),
    **dict.fromkeys(("emspace", "enspace", "qmspace"), " "),
    "tab": "\t",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "bullet": "\u2022",
    "endash": "\u2013",
    "emdash": "\u2014",
}
_WORD = re.compile(r"\\(?:\*\s*+\\)?([a-zA-Z]{1,32})")
_RAW = re.compile(r"\\bin(\d{1,250}) ?")


def silences(source: str) -> bool:
    """Whether a word in it begins what shows nothing, or is such to some."""
    return "\\*" in source or not SILENT.isdisjoint(_WORD.findall(source))


def without_raw(source: str) -> str:
    """Without octets that stand as they are, whose number is said (\\bin)."""
    pieces: list[str] = []
    at = 0
    while (raw := _RAW.search(source, at)) is not None:
        pieces.append(source[at : raw.start()])
        at = raw.end() + min(int(raw[1]), len(source))
    return "".join((*pieces, source[at:]))

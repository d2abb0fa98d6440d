"""Whether a file pretends to be what it is not, in a way that matters: a program that looks like a document.

Ordinary sloppiness is none: application/octet-stream, .dat, a JPEG called .png, RTF or HTML called .doc, a script sent as
.txt to be read. Promises: pure, bounded by the number of names.
"""

import re
from collections.abc import Iterable

from screener.anatomy import names as file_names

# Overrides, embeddings and isolates turn what follows; the marks (U+200E, U+200F) stand in honest Hebrew and Arabic names.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What turns the direction of what follows. Left-to-right embedding, too, stands in names that chat programs give.
_BIDI = re.compile("[\u202b\u202d\u202e\u2067\u2068]")
# A run that is closed before the ending turns nothing behind it (UAX 9): Hebrew and Arabic names have such.
_CLOSED = re.compile("[\u202a\u202b][^\u202a-\u202e\u2066-\u2069]*\u202c|[\u2066-\u2068][^\u202a-\u202e\u2066-\u2069]*\u2069")
_GAP = re.compile(r"(?:\.([A-Za-z0-9]{1,10}+))?(?<![\s\u2800\u3164])[\s\u2800\u3164]{3,}+(?=[^\s\u2800\u3164])")
# What runs when it is opened: the same endings as in the rules' lists program-extensions.txt and program-names.txt.
_RUN_WORDS = (
    "exe scr pif cpl dll ocx sys drv msi msp mst msix msixbundle appx appxbundle appinstaller application appref-ms "
    "gadget xap diagcab jar jnlp apk bat cmd vb vbs vbe vbscript js jse wsf wsh wsc sct hta ps1 ps1xml ps2 ps2xml "
    "psm1 psd1 psc1 psc2 msh msh1 msh2 mshxml pyw pyc ksh csh lnk url website scf inf reg rdp library-ms search-ms "
    "searchconnector-ms settingcontent-ms theme themepack desktopthemepackfile msc shs shb job cnt hlp chm ins isp "
    "its xbap prf prg grp mcf crt der iso img vhd vhdx vmdk udf dmg ace wim uue xxe xll wll wwl xnk iqy oqy rqy dqy "
    "slk sylk xlm ade adp mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz accde accda accdr ops "
    "pcd vsmacros vsw onepkg appcontent-ms asp asx bas bgi cab cdxml cer fxp hpj htc msh1xml msh2xml msu osd plg "
    "printerexport psdm1 pssc pst pyo pyz pyzw tmp udl vbp webpnp wsb diagcfg diagpkg ex_ mjs nsh vxd ppkg vsix "
    "fileloc inetloc appimage com pl py ws one app sh ex lib aspx ax rll command terminal workflow desktop pkg mpkg "
    "vsto mof a3x ahk au3 kix scpt scptd applescript "
    "jxa webloc xpi crx sparseimage dvdr ndif deskthemepack run deb rpm odc toast ppa efi ipa"
)
_RUN = frozenset(_RUN_WORDS.split())
_SHOWN_WORDS = (
    "pdf doc docx docm dot dotx rtf odt xls xlsx xlsm xlsb csv ods ppt pptx pptm pps ppsx odp txt text md log "
    "htm html jpg jpeg jpe png gif bmp "
    "tif tiff webp heic svg ico mp3 wav m4a ogg flac mp4 mov avi mkv mpg mpeg wmv eml msg ics vcf epub xml json zip rar 7z"
)
_SHOWN = frozenset(_SHOWN_WORDS.split())
# Under these names a program's content is a lie; archives and pages may hold one honestly, or be one.
_LOOKED_AT = _SHOWN - {"zip", "rar", "7z", "eml", "msg", "htm", "html"}
# Before a program's extension these are a developer's habit ("page.html.js"), no disguise.
_BEFORE = _SHOWN - {"htm", "html", "json", "xml", "md", "log", "eml", "msg"}
# In which something may act, and what these are no honest second ending of: "data.csv.html" is what a program makes of a table.
_MAY_ACT_WORDS = "htm html shtml xhtml xht svg mht mhtml docm dotm xlsm xltm xlsb pptm ppsm potm"
_MAY_ACT = frozenset(_MAY_ACT_WORDS.split())
_NO_PAGE = _BEFORE - {"txt", "text", "csv", "svg", "ics", "vcf"}
_READ = frozenset(("txt", "text", "md", "log", "csv", "xml", "json"))
_PROGRAMS = {
    "application/x-dosexec": "a Windows program",
    "application/vnd.microsoft.portable-executable": "a Windows program",
    "application/x-executable": "a program",
    "application/x-mach-binary": "a program",
    "application/x-msi": "an installer",
    "application/x-ms-shortcut": "a shortcut",
    "application/hta": "an HTML application",
    "application/java-archive": "a Java program",
    "application/java-vm": "a Java program",
    "application/x-dex": "a program",
    "application/vnd.ms-htmlhelp": "a help file",
    "application/onenote": "a OneNote section",
    "application/x-iso9660-image": "a disk image",
    "application/x-udf-image": "a disk image",
    "application/x-vhd": "a disk image",
    "application/x-vhdx": "a disk image",
}
# Text that runs only under its own name; under the name of a text it is there to be read.
_SCRIPTS = {
    "text/x-script": "a script",
    "text/x-msdos-batch": "a batch file",
    "text/x-windows-script": "a script",
    "application/x-powershell": "a script",
    "application/x-mswinurl": "a shortcut",
    "text/x-ms-regedit": "registry entries",
}
_DECLARED = ("image/", "audio/", "video/", "font/")
_DECLARED_TOO = frozenset(
    (
        "application/pdf",
        "application/msword",
        "application/rtf",
        "text/rtf",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
    )
)
_OFFICE = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")


def end_otherwise(names: Iterable[str]) -> bool:
    """Whether names of one file end with different endings that people know."""
    return len({ending for name in names if (ending := file_names.last_extension(name)) in _SHOWN or ending in _RUN}) > 1


def hides_ending(names: Iterable[str]) -> bool:
    """Whether a name hides its ending from people: writing direction turned, or the ending pushed out of sight (UTR36 2.5)."""
    return any(_turns(_BIDI, name) or "\0" in name or _has_gap(name) for name in names)


def _turns(marks: re.Pattern[str], name: str) -> bool:
    """Whether a name turns its ending: runs of another direction that end before it do not."""
    if marks.search(name) is None:
        return False
    stem, _, ending = name.rpartition(".")
    return marks.search(_CLOSED.sub("", stem) + ending) is not None


def _has_gap(name: str) -> bool:
    """Whether blanks part an ending that people see from a true one of another kind, or stand before one that runs.

    Without that they are but blanks: names are made of columns of fixed width.
    """
    if _GAP.search(name) is None:
        return False
    ending = file_names.last_extension(name)
    seen = {gap[1].lower() for gap in _GAP.finditer(name) if gap[1]}
    return ending in _RUN or not (seen & _SHOWN).issubset((ending,))


def reason(names: Iterable[str], declared: Iterable[str], types: frozenset[str]) -> str:
    """One clause for people, "" where nothing is disguised. `types`: all that the content is."""
    names = tuple(names)
    for name in names:
        if found := _of_name(name):
            return found
    kind = next((one for one in sorted(types) if one in _PROGRAMS), "")
    script = next((one for one in sorted(types) if one in _SCRIPTS), "")
    if not kind and not script:
        return ""
    for name in names:
        extension = file_names.last_extension(name)
        if kind and extension in _LOOKED_AT:
            return f"{_PROGRAMS[kind]} called .{extension}"
        if script and extension in _LOOKED_AT - _READ:
            return f"{_SCRIPTS[script]} called .{extension}"
    for media in declared:
        if kind and (media.startswith((*_DECLARED, *_OFFICE)) or media in _DECLARED_TOO):
            return f"{_PROGRAMS[kind]} declared as {media}"
    return ""


def doubled(names: Iterable[str]) -> str:
    """The ending of a page, or of a document with macros, behind that of another kind; "" where no name ends so."""
    for name in names:
        _, *endings = _pieces(name)
        if len(endings) > 1 and endings[-1] in _MAY_ACT and endings[-2] in _NO_PAGE and endings[-1][:3] != endings[-2][:3]:
            return f".{endings[-2]}.{endings[-1]}"
    return ""


def _pieces(name: str) -> list[str]:
    """What the dots of a name part, without what only pushes an ending away."""
    return [piece for one in name.lower().split(".") if (piece := one.strip(" _"))] or [""]


def _of_name(name: str) -> str:
    """What is wrong with the name alone."""
    if "." not in name:
        return ""
    if _turns(_TURNING, name):
        return "its name turns the direction of writing"
    if "\0" in name:
        return "its name goes on behind a NUL"
    if _has_gap(name):
        return "its name has blanks before its true extension"
    pieces = _pieces(name)
    if len(pieces) > 2 and pieces[-1] in _RUN and pieces[-2] in _BEFORE:
        return f"it is called .{pieces[-2]}.{pieces[-1]}"
    return ""

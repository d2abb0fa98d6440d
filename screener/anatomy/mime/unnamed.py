"""What readers call a file that has no name: they give it the ending that is registered for its type.

Exchange and Outlook make an ATT00001.js of a part that says text/javascript and no more. Promises: pure; () for types for which
nothing is registered, or that tell nothing. What a file is by its content is `filetype`'s.
"""

import mimetypes
from collections.abc import Iterable

_SCRIPTS = {
    "js": "text/javascript text/x-javascript text/ecmascript text/x-ecmascript text/jscript text/livescript "
    "application/javascript application/x-javascript application/ecmascript application/x-ecmascript",
    "vbs": "text/vbscript text/x-vbscript text/vbs application/vbscript application/x-vbscript application/x-vbs",
    "wsf": "text/x-windows-script",
    "sct": "text/scriptlet",
    "bat": "application/x-bat application/bat application/x-msdos-batch text/x-msdos-batch",
    "ps1": "application/x-powershell text/x-powershell",
    "sh": "application/x-sh text/x-sh text/x-shellscript application/x-shellscript",
    "hta": "application/hta application/x-hta",
    "reg": "text/x-ms-regedit",
    "url": "application/x-mswinurl",
}
_PROGRAMS = {
    "exe": "application/x-dosexec application/x-msdownload application/x-ms-dos-executable application/x-msdos-program "
    "application/x-msdos-windows application/vnd.microsoft.portable-executable",
    "msi": "application/x-msi application/x-ms-installer",
    "lnk": "application/x-ms-shortcut",
    "chm": "application/vnd.ms-htmlhelp",
    "jar": "application/java-archive application/x-java-archive",
    "one": "application/onenote",
    "iso": "application/x-iso9660-image",
}
# What holds files, by what it is declared as: rules ask what lies in a "*.zip" or "*.eml".
_CONTAINERS = {
    "zip": "application/zip application/x-zip application/x-zip-compressed",
    "rar": "application/x-rar application/x-rar-compressed application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "gz": "application/gzip application/x-gzip",
    "tar": "application/x-tar",
    "cab": "application/vnd.ms-cab-compressed",
    "eml": "message/rfc822 message/global message/news",
}
_PAGES = {
    "htm": "text/html text/htm text/x-html text/x-server-parsed-html application/html application/xhtml+xml",
    "svg": "image/svg+xml",
    "mht": "application/x-mimearchive",
    "xml": "text/xml application/xml",
}
# What Excel opens, by types under which tables come as text, too.
TABLES = {
    "csv": "text/csv text/x-csv application/csv application/x-csv text/comma-separated-values text/x-comma-separated-values",
    "tsv": "text/tab-separated-values text/tsv",
    "slk": "application/x-sylk text/spreadsheet",
    "xls": "application/vnd.ms-excel application/msexcel application/x-msexcel application/x-ms-excel application/excel "
    "application/x-excel application/x-xls",
}
_DOCUMENTS = {
    "pdf": "application/pdf application/x-pdf",
    "rtf": "application/rtf application/x-rtf text/rtf",
    "doc": "application/msword application/x-msword application/vnd.ms-word application/doc",
    "ppt": "application/vnd.ms-powerpoint application/mspowerpoint application/x-mspowerpoint application/powerpoint",
    "msg": "application/vnd.ms-outlook",
    "mdb": "application/x-msaccess application/msaccess application/vnd.ms-access",
    "pub": "application/x-mspublisher application/vnd.ms-publisher",
    "vsd": "application/vnd.visio",
    "xps": "application/vnd.ms-xpsdocument application/oxps",
    "ics": "text/calendar text/x-vcalendar",
    "vcf": "text/vcard text/x-vcard",
}
# Behind "application/vnd.", of Office and OpenDocument.
_VENDED = {
    "docx": "openxmlformats-officedocument.wordprocessingml.document",
    "dotx": "openxmlformats-officedocument.wordprocessingml.template",
    "xlsx": "openxmlformats-officedocument.spreadsheetml.sheet",
    "xltx": "openxmlformats-officedocument.spreadsheetml.template",
    "pptx": "openxmlformats-officedocument.presentationml.presentation",
    "ppsx": "openxmlformats-officedocument.presentationml.slideshow",
    "potx": "openxmlformats-officedocument.presentationml.template",
    "docm": "ms-word.document.macroenabled.12",
    "dotm": "ms-word.template.macroenabled.12",
    "xlsm": "ms-excel.sheet.macroenabled.12",
    "xltm": "ms-excel.template.macroenabled.12",
    "xlsb": "ms-excel.sheet.binary.macroenabled.12",
    "xlam": "ms-excel.addin.macroenabled.12",
    "pptm": "ms-powerpoint.presentation.macroenabled.12",
    "ppsm": "ms-powerpoint.slideshow.macroenabled.12",
    "potm": "ms-powerpoint.template.macroenabled.12",
    "ppam": "ms-powerpoint.addin.macroenabled.12",
    "odt": "oasis.opendocument.text",
    "ods": "oasis.opendocument.spreadsheet",
    "odp": "oasis.opendocument.presentation",
    "odg": "oasis.opendocument.graphics",
}


def _by_type(*tables: dict[str, str]) -> dict[str, str]:
    return {media: ending for table in tables for ending, types in table.items() for media in types.split()}


_ACTING = _by_type(_SCRIPTS, _PROGRAMS, _CONTAINERS)
_BY_TYPE = _ACTING | _by_type(_PAGES, TABLES, _DOCUMENTS) | {f"application/vnd.{kind}": ending for ending, kind in _VENDED.items()}
_REGISTERED = mimetypes.MimeTypes(())  # pictures and the like: Python's own, not the system's, which differ
# Any file comes under these, and what is in a signature has a name of its own.
_SAYS_NOTHING = frozenset(("text/plain", "application/octet-stream", "application/pkcs7-mime"))
_BY_CONTENT = frozenset(_PROGRAMS)  # of a text the content says little: it runs only under its own name


def names(declared: Iterable[str], types: Iterable[str]) -> tuple[str, ...]:
    """The names of a file without one, by every type it declares and by what it is."""
    endings = [_ending(media) for media in declared]
    endings += sorted({_BY_TYPE.get(media, "") for media in types} & _BY_CONTENT)
    return tuple(f"unnamed.{ending}" for ending in dict.fromkeys(endings) if ending)


def acts(media: str) -> bool:
    """Whether files of a type are scripts or programs, or hold files."""
    return media in _ACTING


def _ending(media: str) -> str:
    if media in _BY_TYPE:
        return _BY_TYPE[media]
    return "" if media in _SAYS_NOTHING else (_REGISTERED.guess_extension(media) or "")[1:]

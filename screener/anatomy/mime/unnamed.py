"""What readers call a file that has no name: they give it the ending that is registered for its type.

Exchange and Outlook make an ATT00001.js of a part that says text/javascript and no more. Promises: pure; () for types whose files
do nothing when they are opened and hold nothing, which keep to having no name. What a file is by its content is `filetype`'s.
"""

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
_BY_TYPE = {
    media: ending for table in (_SCRIPTS, _PROGRAMS, _CONTAINERS) for ending, types in table.items() for media in types.split()
}
_BY_CONTENT = frozenset(_PROGRAMS)  # of a text the content says little: it runs only under its own name


def names(declared: Iterable[str], types: Iterable[str]) -> tuple[str, ...]:
    """The names of a file without one, by every type it declares and by what it is."""
    endings = [_BY_TYPE.get(media, "") for media in declared]
    endings += sorted({_BY_TYPE.get(media, "") for media in types} & _BY_CONTENT)
    return tuple(f"unnamed.{ending}" for ending in dict.fromkeys(endings) if ending)

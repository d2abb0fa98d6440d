"""Where the store lies: all that a command needs of the settings which only reads the store, without what reading them whole costs.

Promises the folder that `config.file` would find, or None wherever only that can tell, or has to complain: a file that is no
settings file, a folder that is not written in it or is not there. Settings that have nothing to do with the store are not looked
at, so that who asks after a mail has an answer while somebody edits them.
"""

from pathlib import Path

from screener import files, yamlfile


def store_folder(path: Path) -> Path | None:
    """The folder of the store by the settings in this file; None: read them all. Raises nothing."""
    try:
        node = yamlfile.read(files.octets(path), str(path))
        folder = path.resolve().parent / _written(node)
        return folder if folder.is_dir() else None
    except (yamlfile.Complaints, OSError, ValueError):  # ValueError: a NUL in the path
        return None


def _written(node: yamlfile.Node) -> str:
    """`store: {folder: …}` as it stands there; raises ValueError."""
    store = node.get("store") if isinstance(node, yamlfile.Mapping) else None
    folder = store.get("folder") if isinstance(store, yamlfile.Mapping) else None
    if not isinstance(folder, yamlfile.Scalar) or folder.is_empty or not folder.text:
        raise ValueError("not written")
    return folder.text

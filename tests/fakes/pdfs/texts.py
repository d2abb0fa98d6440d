"""The words that programs that people read PDFs with show of one."""

import ctypes
import sys

from fakes.pdfs.asked import Asked, ran, serve

NAMES = ("pdfium", "mupdf", "poppler")
_MAX = 20  # annotations


class TextReader(Asked):
    """One of them."""

    kind = "texts"

    def __init__(self, name: str) -> None:
        super().__init__(name, __name__, 10.0)

    def answer(self) -> str:
        """What it shows; nothing where it dies."""
        return str(self.told() or "")


def _pdfium(octets: bytes) -> str:
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(octets)
    page = document[0]
    shown = [page.get_textpage().get_text_bounded()]
    size = raw.FPDF_GetPageLabel(document, 0, None, 0)
    label = ctypes.create_string_buffer(max(2, size))
    raw.FPDF_GetPageLabel(document, 0, label, size)
    shown.append(label.raw[:-2].decode("utf-16-le", "replace"))
    shown += [one.get_title() for one in document.get_toc(max_depth=3)]
    return "\n".join(shown + list(document.get_metadata_dict(skip_empty=True).values()))


def _mupdf(octets: bytes) -> str:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document = pymupdf.open(stream=octets, filetype="pdf")
    page = document[0]
    shown = [page.get_text()]
    for one in list(page.annots())[:_MAX]:
        shown += [one.info.get("content", ""), one.info.get("title", ""), one.get_text()]
    for one in list(page.widgets())[:_MAX]:
        shown += [str(one.field_value), str(one.field_label), str(one.choice_values), str(one.button_caption)]
    shown += [str(one[1]) for one in document.get_toc()] + [one["name"] for one in document.get_ocgs().values()]
    return "\n".join(map(str, shown))


def _poppler(octets: bytes) -> str:
    return ran("pdftotext", "-", "-", given=octets).decode("utf-8", "replace")


if __name__ == "__main__":
    serve({"pdfium": _pdfium, "mupdf": _mupdf, "poppler": _poppler}[sys.argv[1]], "")

"""Web pages in place of a file, which servers send to show an error."""

from __future__ import annotations

import re
from pathlib import Path

from geodata.errors import DataError

SPACE = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first sign of a text: a byte order mark, and blanks."""
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def is_page(beginning: bytes) -> bool:
    """Whether a file begins like a web page."""
    return bool(_PAGE.match(beginning.lstrip(SPACE)))


def refuse_page(path: Path, beginning: bytes) -> None:
    """Refuse a file that begins like a web page.

    Raises
    ------
    DataError
        When the file is a web page.
    """
    if is_page(beginning):
        remedy = "The server sent a page instead of the file: fetch it again."
        raise DataError(str(path), "a page of the web", remedy)

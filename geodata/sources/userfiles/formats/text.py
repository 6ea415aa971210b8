"""Text of users' files, in whichever encoding a spreadsheet has written it."""

from __future__ import annotations

import codecs
import re

from geodata.sources.userfiles.source import Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; those of UTF-32 begin as those of UTF-16 do."""
_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
"""What a letter beyond ASCII is in UTF-8."""
_WESTERN = re.compile(r"[\x00-\x7fÀ-ÖØ-öø-ÿŒœŠšŽžŸªº°¿¡«»“”‘’–—…€·´§®™½¼¾²³]*")
"""Letters and marks that texts in Spanish or English hold in Windows-1252."""
_END = "\x1a"
"""Ctrl-Z, with which programs for DOS end a text."""
_SAVE = "Save the file as UTF-8 (in Excel: CSV UTF-8)."


def read_text(source: Source) -> str:
    """The text of a file in UTF-8, UTF-16, UTF-32 or Windows-1252 (Latin-1).

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read, or its encoding cannot be told.
    """
    content = source.read()
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise source.refusal(f"It is damaged {encoding.upper()} text. {_SAVE}") from error
        text = _western(content, source, line=content.count(b"\n", 0, error.start) + 1)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise source.refusal(f"Line {line} holds a NUL byte: it is no text. {_SAVE}")
    if (ended := text.rstrip()).endswith(_END):
        text = ended.rstrip(_END)
    if not text.strip():
        raise source.refusal("The file is empty.")
    return text


def encoding_of(content: bytes) -> str:
    """Encoding of a text, by the beginning of it or all; UTF-8 for all without NUL bytes."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    return marked or _unmarked(content)


def _unmarked(content: bytes) -> str:
    """UTF-16 without a mark has a NUL in every second byte of plain letters."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        nuls, others = content[start::2].count(0), content[1 - start :: 2].count(0)
        if not others and nuls > len(content) // 4:
            return name
    return "utf-8"


def _western(content: bytes, source: Source, *, line: int) -> str:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = None
    if text is None or _SEQUENCE.search(content) or not _WESTERN.fullmatch(text):
        raise source.refusal(f"Its encoding cannot be told from line {line}. {_SAVE}")
    return text

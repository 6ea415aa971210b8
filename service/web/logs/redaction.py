"""Secrets in texts that are kept: found however they are written, and hidden.

A token may reach a log as it is, or as somebody or something wrote it on the way: with percent
signs, as entities of HTML, with backslashes, in Base64, or several of these upon each other. So a
text is read until there is nothing left to be read from it, with each letter knowing where it
stood; what is found is hidden there.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HIDDEN = "[hidden]"

_ROUNDS = 24
"""Ways of writing upon each other that are read; what has more is hidden whole."""
_DEEPEST = 3
"""Texts in Base64 within each other that are read."""
_BEGIN = re.compile(r"vrd_[^\s_]{1,64}_", re.IGNORECASE)
# Whatever follows may be more of it, broken by signs that are none of it or written in a way that
# is read by nobody here. So it ends where a word of the log does: at a blank, or at a quotation
# mark that nothing follows; and before a next parameter once there was room for all of a secret.
_LETTER = r"""(?:[^ \t\r\n\f\v"']|["'](?=[\w-]))"""
_NAME = r"&[a-z][a-z_-]{0,23}="
_END = rf"(?={_NAME}|(?!{_LETTER}))"
# Only letters that a secret has take up its room, and not those of the names of parameters.
_ONE = rf"(?>(?:{_NAME}|(?![\w-]){_LETTER})*+[\w-])"
_REST = re.compile(rf"(?P<room>{_ONE}{{43}}){_LETTER}*?{_END}|{_LETTER}+", re.ASCII)
_LEFT = re.compile(rf"{_LETTER}*?{_END}", re.ASCII)
_WORD = re.compile(rf"{_LETTER}+", re.ASCII)
_SCHEME = re.compile(r"(\b(?:bearer|basic)[\s+:=\"']+)([^\s\"',;&]+)", re.IGNORECASE)
_PASSWORD = re.compile(r"://[^/\s:@]*:([^@\s/]+)(?=@)")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_DIGITS = re.compile(r"[0-9A-Fa-f]{20,}")
_NAMED = {"lowbar": "_", "UnderBar": "_", "hyphen": "-", "dash": "-", "amp": "&", "percnt": "%",
          "num": "#", "semi": ";", "bsol": "\\", "equals": "=", "plus": "+",
          "sol": "/"}  # fmt: skip

# What is encoded many times over is decoded in one step, so that no text takes long.
_FORMS = (
    r"%(?:25)*(?P<percent>[0-9a-f]{2})"
    r"|%u(?P<unicode>[0-9a-f]{4})"
    r"|&(?:amp;)*\#x0*(?P<hex>[0-9a-f]{1,6})END"
    r"|&(?:amp;)*\#0*(?P<decimal>[0-9]{1,7})END"
    r"|&(?:amp;)*(?P<name>[a-z]{2,31});"
    r"|SLASH(?:u\{0*(?P<braced>[0-9a-f]{1,6})\}|(?-i:u)(?P<short>[0-9a-f]{4})"
    r"|(?-i:U)(?P<long>[0-9a-f]{8})|x(?P<byte>[0-9a-f]{2})|(?P<octal>[0-3][0-7]{2}))"
    r"|=(?P<quoted>[2-7][0-9a-f])"
    r"|(?-i:(?P<bytes>BYTES))"
    r"|(?P<nothing>=\r?\n|[\0\u00ad\u200b-\u200d\u2060\ufeff])"
    r"|(?-i:(?P<variant>VARIANT))"
)
# Characters that NFKC turns into letters of ASCII, and their bytes in UTF-8; few others, since
# what is no text, once decoded, is read as well.
_VARIANT = r"[\u02b0-\u02e4\u1d00-\U0010ffff]"
_BYTES = (
    r"\xc2\xad|\xca[\xb0-\xbf]|\xcb[\x80-\xa4]"
    r"|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_FORMS = _FORMS.replace("BYTES", _BYTES).replace("VARIANT", _VARIANT)
# Two backslashes are one that was written out, or one before an escape: both are tried. An end
# that is missing may only not have been read yet, so that this comes last.
_READERS = [
    [re.compile(_FORMS.replace("SLASH", slash).replace("END", end), re.IGNORECASE)
     for end in (";", ";?")]
    for slash in (r"(?<!\\)\\++", r"\\")
]  # fmt: skip


@dataclass(frozen=True)
class _Reading:
    """A text as it was read, with the place of each of its letters in what was written."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]

    def read(self, reader: list[re.Pattern[str]]) -> _Reading:
        """What this says when it is read once more; itself when that is the same."""
        return next((reading for forms in reader if (reading := self._by(forms))), self)

    def _by(self, forms: re.Pattern[str]) -> _Reading | None:
        pieces, begins, ends, at = [], [], [], 0
        for match in forms.finditer(self.text):
            letter = _letter(match)
            if letter == match[0]:
                continue
            first, last = match.span()
            pieces += [self.text[at:first], letter]
            begins += [*self.begins[at:first], *[self.begins[first]] * len(letter)]
            ends += [*self.ends[at:first], *[self.ends[last - 1]] * len(letter)]
            at = last
        if not at:
            return None
        return _Reading(
            "".join([*pieces, self.text[at:]]),
            [*begins, *self.begins[at:]],
            [*ends, *self.ends[at:]],
        )


def _letter(match: re.Match[str]) -> str:
    """What an escape stands for; itself where that is nothing that a token has."""
    kind, text = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "nothing":
        return ""
    if kind == "bytes":
        return text.encode("latin-1").decode("utf-8", "ignore") or text
    if kind == "variant":
        return unicodedata.normalize("NFKC", text)
    if kind == "name":
        return _NAMED.get(text) or html.unescape(f"&{text};")[:1] or match[0]
    code = int(text, {"octal": 8, "decimal": 10}.get(kind, 16))
    return chr(code) if code < 0x110000 else match[0]


def cleaned(text: str, *, depth: int = 0) -> str:
    """A text in which the secret of no token can be found, in whichever way it was written.

    Parameters
    ----------
    depth
        How many texts in Base64 this one was in.
    """
    plain = _Reading(text, range(len(text)), range(1, len(text) + 1))
    # Most texts have nothing in them that the laxest reader could read.
    if not _READERS[-1][-1].search(text):
        return _without(text, [*_tokens(plain, text), *_secrets(text, depth)])
    hidden: list[tuple[int, int]] = []
    for reader in _READERS:
        reading, last = plain, None
        for _ in range(_ROUNDS):
            hidden += _tokens(reading, text)
            hidden += [
                (reading.begins[first], reading.ends[end - 1])
                for first, end in _secrets(reading.text, depth)
            ]
            reading, last = reading.read(reader), reading
            if reading is last:
                break
        else:
            return HIDDEN
    return _without(text, hidden)


def _tokens(reading: _Reading, written: str) -> Iterator[tuple[int, int]]:
    """Where secrets of tokens stand in what was written, to the end of the word they are in.

    A blank that somebody wrote as an escape ends no word of the log.
    """
    at = 0
    while begin := _BEGIN.search(reading.text, at):
        at = begin.end()
        rest = _REST.match(reading.text, at)
        read = rest.end() if rest else at
        last = reading.ends[read - 1]
        # What was written as an escape may be a letter of a secret, or none: it takes no room.
        left = (_LEFT if rest and rest["room"] else _WORD).match(written, last)
        last = left.end() if left else last
        if last > reading.ends[at - 1]:
            yield reading.ends[at - 1], last
        # No letter is looked at twice: what is hidden already needs no other look.
        at = max(read, bisect_left(reading.begins, last))


def _secrets(text: str, depth: int) -> Iterator[tuple[int, int]]:
    """Where other secrets stand in a text that is read as it is, and texts that hold one."""
    for match in _SCHEME.finditer(text):
        yield match.span(2)
    for match in _PASSWORD.finditer(text):
        yield match.span(1)
    if depth < _DEEPEST:
        for match in _PACKED.finditer(text):
            if any(cleaned(each, depth=depth + 1) != each for each in _unpacked(match[0])):
                yield match.span()


def _unpacked(text: str) -> Iterator[str]:
    """What a text is in Base64 and in hexadecimal digits, wherever in it that begins."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    for start in range(4):
        part = plain[start:]
        # One letter more than whole groups of them stands for nothing.
        part = part[:-1] if len(part) % 4 == 1 else part
        yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")
    for match in _DIGITS.finditer(text):
        for start in (0, 1):
            part = match[0][start:]
            yield bytes.fromhex(part[: len(part) // 2 * 2]).decode("latin-1")


def _without(text: str, hidden: list[tuple[int, int]]) -> str:
    """A text with a mark in the place of each secret."""
    pieces, at = [], 0
    for first, last in sorted(hidden):
        if last > at:
            pieces += [text[at : max(first, at)], HIDDEN if first >= at else ""]
            at = last
    return "".join([*pieces, text[at:]])

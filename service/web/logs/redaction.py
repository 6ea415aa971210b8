"""Secrets in texts that are kept: whatever may be one is hidden.

A token may reach a log as it is, or as somebody or something wrote it on the way: with percent
signs, in Base64, letter by letter, in ways that nobody has thought of. No way of writing makes its
secret shorter, though: 256 random bits are as many in all of them. What people and programs write
is words, with a number here and there. So what counts is how much a text has besides words: a
stretch of it with room for a secret is hidden, whatever it says. Only numbers with a point, as
coordinates have, are not counted; where they stand under the name of a secret, they are hidden.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

HIDDEN = "[hidden]"

_ROOM_BITS = 160.0
"""A stretch with more than this is hidden; less leaves 96 bits of a secret to be guessed."""
_AWAY_BITS = 64.0
"""A stretch is over once words behind it have weighed so much against it."""
_SIGN_BITS, _HEX_BITS, _DIGIT_BITS = 6.0, 4.0, 3.3
"""What a sign tells at most: a letter, as in Base64, a hexadecimal and a decimal digit."""
_WORD_BITS = -2.0
"""What each letter of a word weighs: little, since a secret may have a word in it by chance."""
_WEIGHTY = range(5, 25)
"""Lengths of words that weigh against a stretch. Shorter words weigh nothing, and what is longer
is taken for no word."""

_PIECE = re.compile(
    r"(?P<escape>(?:%[0-9A-Fa-f]{2})+)"
    # The id of a token, a status at the end, coordinates and moments tell no secret.
    r"|vrd_[0-9a-f]{12}_|(?<= )\d{3}$"
    r"|(?<!\.)(?:\d{1,3}\.\d{1,15}|\d{4}-\d\d-\d\d(?:T[\d:.]{5,15})?)(?![.\d])"
    r"|(?P<signs>[^\W_]+)"
)
_SMALL, _LARGE = r"[a-z\u00df-\u2dff]{2,}", r"[A-Z\u00c0-\u00de]"
_VOWEL = r"(?=\w*[aeiouyAEIOUY\u00c0-\u2dff])"
_WORD = re.compile(rf"{_VOWEL}(?:{_LARGE}?{_SMALL}(?:{_LARGE}{_SMALL})*|{_LARGE}{{3,}})\d{{0,2}}")
"""In small letters or in capitals, or several that begin with capitals, as names of classes do."""
_USUAL = frozenset({"cql2", "crs", "css", "gpkg", "html", "http", "https", "mvt", "png", "www"})
"""Words without a vowel."""
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_MARK = re.compile(r"vrd(?:_[^\s_]{1,64}_|[^\sa-z0-9])([^\s\"'&]+)", re.IGNORECASE)
"""What begins as a token does is hidden however short it is."""
_SCHEME = re.compile(r"\b(?:bearer|basic)[\s+:=\"']+([^\s\"',;&]+)", re.IGNORECASE)
_PASSWORD = re.compile(r"://[^/\s:@]*:([^@\s/]+)(?=@)")
# Each sign between numbers is read in one way only, so that no text takes long.
_BETWEEN = r"(?>%[0-9a-f]{2}|%|_|[^\w&%])"
_NAME = r"(?:(?:api[_-]?)?key|token|secret|password|passphrase|passwd|pwd|authori[sz]ation)"
_ASSIGNED = r"""(?:["'\[\])]|%2[27]|%5[bd]|\s){0,4}+(?:[=:]|%3[ad])"""
_NUMBER = r"\d++(?:e[-+]?\d++)?"
_NO_STATUS = r"(?!(?<= )\d{3}$)"
_NUMBERS = re.compile(
    rf"(?<![^\W_])(?:{_NAME}{_ASSIGNED}(?:{_BETWEEN}{{0,6}}+(?:bearer|basic))?|bearer|basic)"
    rf"{_BETWEEN}{{0,6}}+({_NUMBER}(?:{_BETWEEN}{{1,6}}+{_NO_STATUS}{_NUMBER})*)",
    re.IGNORECASE,
)
"""Numbers under the name of a secret, to the next parameter or word."""


def cleaned(text: str) -> str:
    """A text without the secret of any token, however written.

    Numbers with a point stay, save under the name of a secret.
    """
    spans = list(_stretches(text))
    for form in (_MARK, _SCHEME, _PASSWORD):
        spans += [match.span(1) for match in form.finditer(text)]
    spans += [match.span(1) for match in _NUMBERS.finditer(text) if "." in match[1]]
    return _without(text, spans)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where there is room for a secret: maximal scoring stretches, as those of sequences are.

    Karlin and Altschul (1990), Methods for assessing the statistical significance of molecular
    sequence features by using general scoring schemes, PNAS 87(6), 2264-2268; with the end of
    Altschul et al. (1997), Gapped BLAST, Nucleic Acids Research 25(17): where the score has dropped
    too far below its peak.
    """
    score = peak = 0.0
    first = last = 0
    for match in _PIECE.finditer(text):
        bits = _bits(match)
        if score <= 0.0 < bits:
            score, peak, first = 0.0, 0.0, match.start()
        score += bits
        if score >= peak and bits > 0.0:
            peak, last = score, match.end()
        elif score <= max(0.0, peak - _AWAY_BITS):
            if peak > _ROOM_BITS:
                yield first, last
            score = peak = 0.0
    if peak > _ROOM_BITS:
        yield first, last


def _bits(match: re.Match[str]) -> float:
    """How much of a secret a piece may tell; below 0 where it shows that there is none."""
    if match["escape"]:
        return _escape_bits(match["escape"])
    if not match["signs"]:
        return 0.0
    signs = unicodedata.normalize("NFKC", match["signs"])
    if signs.isdecimal():
        return _DIGIT_BITS * len(signs)
    if len(signs) < _WEIGHTY.stop and (signs.lower() in _USUAL or _WORD.fullmatch(signs)):
        return _WORD_BITS * len(signs) if len(signs) in _WEIGHTY else 0.0
    return (_HEX_BITS if _HEX.fullmatch(signs) else _SIGN_BITS) * len(signs)


def _escape_bits(escape: str) -> float:
    """What percent signs tell: blanks, punctuation and accents are written so, and nothing else."""
    data = unquote_to_bytes(escape)
    try:
        text = unicodedata.normalize("NFKC", data.decode("utf-8"))
    except UnicodeDecodeError:
        return 8.0 * len(data)
    return _SIGN_BITS * sum(
        letter.isalnum() and not "\u0080" <= letter <= "\u024f" for letter in text
    )


def _without(text: str, hidden: list[tuple[int, int]]) -> str:
    """A text with a mark in the place of each secret."""
    pieces, at = [], 0
    for first, last in sorted(hidden):
        if last > at:
            pieces += [text[at : max(first, at)], HIDDEN if first >= at else ""]
            at = last
    return "".join([*pieces, text[at:]])

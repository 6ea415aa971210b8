"""Bearer tokens: random texts of which only hashes are kept, with scopes and an end."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from geodata.entries.spelling import composed
from geodata.errors import DataError, InputError
from geodata.formats.files.disks import FAILING
from geodata.formats.files.places import real_place
from geodata.formats.files.seals import open_plain
from geodata.formats.files.store import whole_file
from service.access.privacy import private_file

SCOPES = ("read", "compute", "admin")
"""Scopes of a token: read; compute as well; administer, which includes the metrics."""

_MADE = re.compile(r"vrd_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[\w .@-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{12}")
_DAY = 86_400.0
_LAST = 253_402_300_799.0
"""The end of the year 9999, after which there are no dates."""
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token as stored in the file.

    Parameters
    ----------
    id
        The public part of the token.
    hash
        SHA-256 of the secret part, 256 random bits that cannot be guessed from the hash.
    created, expires
        Seconds since 1970.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    hash: str
    created: float
    expires: float

    def allows(self, scope: str) -> bool:
        """Whether the token allows a scope: compute includes read, and admin includes both."""
        return any(SCOPES.index(own) >= SCOPES.index(scope) for own in self.scopes)


class Tokens:
    """A file of tokens; changes of the file take effect at once.

    Parameters
    ----------
    path
        JSON file that `add` writes.

    Raises
    ------
    DataError
        When the file is missing or is not a file of tokens.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._tokens: dict[str, Token] = {}
        self._refresh()

    def find(self, text: str) -> Token:
        """The token of a text that a client sent.

        Raises
        ------
        LookupError
            With the reason: unknown, or expired.
        """
        self._refresh()
        parts = _MADE.fullmatch(text)
        token = self._tokens.get(parts[1]) if parts else None
        # Hashes are compared even for an unknown token, so that both cases take the same time.
        same = hmac.compare_digest(_hash(parts[2] if parts else ""), token.hash if token else "")
        if token is None or not same:
            raise LookupError("It is not known here; it may have been revoked.")
        if token.expires <= time.time():
            raise LookupError("It has expired.")
        return token

    def _refresh(self) -> None:
        try:
            about = self.path.stat()
        except OSError as error:
            remedy = "Make one with `vereda token add`, or leave the setting out."
            raise DataError("tokens", str(self.path), f"There is no such file. {remedy}") from error
        stamp = (about.st_mtime_ns, about.st_ino, about.st_size)
        if stamp == self._stamp:
            return
        private_file(self.path, field="tokens")
        with self._lock:
            self._tokens = {token.id: token for token in read_tokens(self.path)}
            self._stamp = stamp


def read_tokens(path: Path) -> list[Token]:
    """Tokens of a file, an empty tuple when the file does not exist.

    Raises
    ------
    DataError
        When it is not a file of tokens, or cannot be read.
    """
    if not path.exists():
        return []
    try:
        with open_plain(Path(os.path.realpath(path)), most=_MOST_BYTES) as file:
            rows = json.loads(file.read(_MOST_BYTES).decode("utf-8"))["tokens"]
        return [_token(row) for row in rows]
    except DataError as error:
        remedy = f"{error.remedy} Name a plain file of whoever runs the service."
        raise DataError("tokens", str(path), remedy) from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        remedy = "It is no file of tokens; make another with `vereda token add`."
        raise DataError("tokens", str(path), remedy) from error


def _token(row: dict[str, Any]) -> Token:
    token = Token(**{**row, "scopes": tuple(row["scopes"])})
    texts = ((_ID, token.id), (_HASH, token.hash), (_NAME, token.name))
    if not (
        all(isinstance(text, str) and form.fullmatch(text) for form, text in texts)
        and set(token.scopes) <= set(SCOPES)
        and all(0 < moment <= _LAST for moment in (token.created, token.expires))
    ):
        raise ValueError("a token that was not made here")
    return token


def add(path: Path, name: str, *, scopes: Iterable[str], days: float) -> tuple[Token, str]:
    """Make a token and keep its hash.

    Parameters
    ----------
    path
        File of tokens; it is made when there is none.
    name
        Name by which it is listed and revoked.
    scopes
        What it allows.
    days
        Days from now until it ends, 3660 at most.

    Returns
    -------
    tuple
        The token as stored, and the text that its holder sends, which is not stored.

    Raises
    ------
    InputError
        When the name, a scope or the number of days is wrong, or the name is taken.
    """
    name = composed(name)
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not wanted:
        raise InputError("scopes", ",".join(unknown), f"Give some of: {', '.join(SCOPES)}.")
    if not _NAME.fullmatch(name) or name != name.strip():
        remedy = "Give 1 to 64 letters, digits or . @ _ -, and spaces between them."
        raise InputError("name", name, remedy)
    if _ID.fullmatch(name):
        raise InputError("name", name, "It looks like the id of a token; choose another.")
    if not 0 < days <= 3660:
        raise InputError("expires", days, "Give days from now, above 0 and at most 3660.")
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    now = time.time()
    token = Token(id=identity, name=name, scopes=wanted, hash=_hash(secret),
                  created=now, expires=now + days * _DAY)  # fmt: skip
    with _changed(path) as tokens:
        if any(each.name == name for each in tokens):
            remedy = "There is one of this name; revoke it, or choose another."
            raise InputError("name", name, remedy)
        tokens.append(token)
    return token, f"vrd_{identity}_{secret}"


def revoke(path: Path, name: str) -> Token:
    """Remove a token by its name or id; services refuse it from now on.

    Parameters
    ----------
    path
        File of tokens.
    name
        Name or id of the token.

    Raises
    ------
    InputError
        When there is no such token.
    """
    name = composed(name)
    with _changed(path) as tokens:
        revoked = next((token for token in tokens if name in (token.name, token.id)), None)
        if revoked is None:
            names = ", ".join(token.name for token in tokens) or "none"
            raise InputError("name", name, f"There is no such token; there are: {names}.")
        tokens.remove(revoked)
    return revoked


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@contextmanager
def _changed(path: Path) -> Iterator[list[Token]]:
    """Tokens of a file, written back when the block ends well; one process changes them at a time.

    The lock is a file of its own, which stays: that of the tokens is replaced.

    Raises
    ------
    InputError
        When nothing can be written there.
    OSError
        When the disk is full or fails.
    """
    path = real_place(path, field="tokens")
    try:
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if error.errno in FAILING:
            raise
        remedy = f"It cannot be changed ({error.strerror}); name another file with --tokens."
        raise InputError("tokens", str(path), remedy) from error
    try:
        flock(lock, LOCK_EX)
        tokens = read_tokens(path)
        yield tokens
        _write(path, tokens)
    finally:
        os.close(lock)


def _write(path: Path, tokens: list[Token]) -> None:
    """Replace the file; only its owner can read it."""
    with whole_file(path, private=True, field="tokens") as partial:
        record = {"tokens": [asdict(token) for token in tokens]}
        partial.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        if path.exists():
            # After a change by root, the user of the service can still read the file.
            with suppress(PermissionError):
                os.chown(partial, path.stat().st_uid, path.stat().st_gid)

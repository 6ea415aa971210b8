"""Files known by their hash: nothing else is opened in their place, whoever changes them."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest

from geodata.errors import DataError, LostError
from geodata.formats.files.seals import Seal, open_plain


def sealed(path: Path, data: bytes = b"as it was") -> Seal:
    path.write_bytes(data)
    return Seal(path, hashlib.sha256(data).hexdigest())


def odd_files(place: Path, target: Path) -> dict[str, Path]:
    """Everything that is no regular file, each with the word that refuses it."""
    (place / "link").symlink_to(target)
    (place / "loop").symlink_to("loop")
    os.mkfifo(place / "pipe")
    (place / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as speaking:
        # The path of a socket must be short.
        here = os.open(place, os.O_RDONLY)
        speaking.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    kinds = {"link": "link", "loop": "link", "pipe": "pipe", "folder": "directory",
             "socket": "no regular file", "absent": "missing"}  # fmt: skip
    return {word: place / name for name, word in kinds.items()} | {"device": Path("/dev/null")}


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for word, path in odd_files(tmp_path, secret).items():
        with pytest.raises(DataError, match=word):
            open_plain(path)
    with pytest.raises(DataError, match="larger"):
        open_plain(secret, most=3)


def test_a_file_is_read_as_long_as_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    seal = sealed(path)
    for _ in range(3):
        assert seal.read() == b"as it was"
    # Another file of the same content is as good.
    (tmp_path / "copy").write_bytes(b"as it was")
    (tmp_path / "copy").replace(path)
    assert seal.read() == b"as it was"


@pytest.mark.parametrize("old", [False, True])
def test_whatever_takes_its_place_is_refused(tmp_path: Path, old: bool) -> None:
    path = tmp_path / "file"
    seal = sealed(path)
    secret = tmp_path / "secret"
    secret.write_bytes(b"a secret!")

    def age() -> None:
        # With the times of the file that was there, as a copy may have them.
        if old:
            os.utime(path, ns=(0, 0))

    age()
    for spoil in (
        lambda: path.write_bytes(b"as it Was"),
        lambda: path.write_bytes(b"as it"),
        lambda: path.write_bytes(b""),
        lambda: secret.replace(path),
        path.unlink,
        lambda: path.symlink_to("/etc/passwd"),
    ):
        spoil()
        if path.exists() and not path.is_symlink():
            age()
        with pytest.raises(LostError, match="service again"):
            seal.read()
        with pytest.raises(LostError):
            seal.open()
    path.unlink()
    path.write_bytes(b"as it was")
    assert seal.read() == b"as it was"


@pytest.mark.parametrize("digest", ["0", None, 5, "A" * 64, "0" * 65, "g" * 64])
def test_a_hash_has_its_form(tmp_path: Path, digest: object) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="SHA-256"):
        Seal(tmp_path / "file", digest)

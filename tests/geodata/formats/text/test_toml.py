"""TOML as users save it: read whatever editor wrote it, or refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geodata.errors import DataError, InputError
from geodata.formats.text.toml import DEEPEST, MOST_BYTES, parse_toml, read_toml

TEXT = 'name = "Danlí"\nrate = 1.5\n'


@pytest.mark.parametrize(
    "data",
    [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.replace("\n", "\r\n").encode(), TEXT,
     "\ufeff" + TEXT],
)  # fmt: skip
def test_marks_and_line_ends_of_editors_do_not_matter(data: bytes | str) -> None:
    assert parse_toml(data, field="profile") == {"name": "Danlí", "rate": 1.5}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TEXT.encode("utf-16"), "UTF-8"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-32"), "UTF-8"),
        (TEXT.encode("latin-1"), "Latin-1"),
        (b"\xff\xfe", "UTF-8"),
        (b"a = 1\0", "UTF-16"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        (b"[modes", "mend it"),
        (b"a = 1\na = 2\n", "line 2"),
        (b"a = " + b"9" * 5000, "thousands of digits"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "Nest at most"),
        (b"[" + b"a." * 5000 + b"a]", "Nest at most"),
        (b"a = " + b"{b=" * 500 + b"1" + b"}" * 500, "Nest at most"),
        (b'a = "\\ud800"', "mend it"),
    ],
)
def test_what_is_no_toml_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_toml(data, field="profile")
    assert caught.value.field == "profile"
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500


def test_tables_nest_as_deep_as_is_meant() -> None:
    assert parse_toml("a = " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1), field="x")


def test_a_number_in_hexadecimals_is_shown_by_its_beginning() -> None:
    value = parse_toml(b"a = 0x" + b"f" * 50_000, field="x")["a"]
    assert len(str(DataError("a", value, "Give less."))) < 300


def test_a_file_is_read_or_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "own.TOML"
    path.write_text(TEXT, "utf-8-sig")
    assert read_toml(path, field="profile")["name"] == "Danlí"
    with pytest.raises(InputError, match="no such file"):
        read_toml(tmp_path / "none.toml", field="profile")
    with pytest.raises(InputError, match="is a directory"):
        read_toml(tmp_path, field="profile")
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(DataError, match="too large"):
        read_toml(path, field="profile")


def test_a_pipe_is_waited_for_by_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(InputError, match="It is a device or a pipe"):
        read_toml(tmp_path / "pipe.toml", field="config")

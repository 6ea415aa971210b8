"""Lists that were written as text."""

from __future__ import annotations

import pytest

from geodata.entries.lists import read_list


@pytest.mark.parametrize(
    ("text", "value"),
    [("['50', '70']", ["50", "70"]), ("(1, 2.5)", (1, 2.5)), ("{'a'}", {"a"}), ("[]", [])],
)
def test_a_list_is_read_as_python_prints_it(text: str, value: object) -> None:
    assert read_list(text) == value


@pytest.mark.parametrize(
    "text", ["", "50", "[closed]", "[1", "[1)", "[[1]]", "{[1]}", "{1: 2}", "[a(1)]", "[" * 99_999]
)
def test_what_only_looks_like_a_list_is_none(text: str) -> None:
    assert read_list(text) is None


def test_a_backslash_is_no_warning() -> None:
    assert read_list(r"['\d']") == ["\\d"]

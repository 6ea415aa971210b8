"""Errors show what was given, however large it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from geodata.errors import LONGEST, DataError, InputError, VeredaError, shortened


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", ["Tela", 5, 1.5, None, True, [1, 2], {"a": 1}, date(2020, 1, 1), "x" * LONGEST]
)
def test_a_short_value_is_shown_as_it_is(value: object) -> None:
    assert shortened(value) is value


LARGE: dict[str, Callable[[], Any]] = {
    "text": lambda: "x" * 10**6,
    "list": lambda: list(range(10**6)),
    "table": lambda: {str(k): k for k in range(10**5)},
    "nested": lambda: nested(500),
    "text in it": lambda: {"a": ["x" * 10**6]},
    "number": lambda: 1 << 10**6,
    "below zero": lambda: -(1 << 10**6),
    "number in it": lambda: [1 << 10**6],
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_value_is_shown_by_its_beginning(kind: str) -> None:
    error = InputError("field", LARGE[kind](), "Give less.")
    assert len(str(error)) < 2 * LONGEST
    assert len(str(error.value)) <= LONGEST + 3


@pytest.mark.parametrize("digits", [190, 400, 4000])
def test_a_long_number_is_shown_by_its_decimals(digits: int) -> None:
    for value in (int("7" * digits), -int("7" * digits)):
        assert str(shortened(value)).lstrip("-").startswith("7" * 150)
    assert str(shortened([int("7" * digits)])).startswith("[" + "7" * 150)


def test_a_long_field_is_shown_by_its_end() -> None:
    assert VeredaError("x" * 10**6 + ".rate", 1, "").field.endswith(".rate")


def test_an_error_is_one_line_whatever_its_file_holds():
    error = InputError("origins[0].a\r\nb", "c\nd", "Its layers are: e\u2028f.")
    assert str(error) == "origins[0].a b: 'c\\nd'. Its layers are: e f."
    assert (error.field, error.value, error.remedy) == (
        "origins[0].a b", "c\nd", "Its layers are: e f."
    )  # fmt: skip


def test_no_address_shows_its_password():
    error = DataError("layer a://me:word@b, url", "a://me:word@b/c", "Try x://:word@d, or e:f@g.")
    assert str(error) == ("layer a://me:***@b, url: 'a://me:***@b/c'. Try x://:***@d, or e:f@g.")
    proxy = DataError("proxy", "http://h:8080/@x", "Write http://NAME:PASSWORD@HOST.")
    assert str(proxy) == "proxy: 'http://h:8080/@x'. Write http://NAME:PASSWORD@HOST."

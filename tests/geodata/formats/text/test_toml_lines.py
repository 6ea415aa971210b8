"""Lines of keys in TOML, for errors."""

from __future__ import annotations

import tomllib

import pytest

from geodata.formats.text.toml_lines import key_lines, line_of

TEXT = """# a comment
slack = 0.1

close = [
  "Corinto",  # [x]
]
title = '''
[grid]
slack = 5
'''

[profile]
base = "a"
weights.weakness = { value = 1.0, source = "b" }

[[scenario]]
name = "first"

[[scenario]]
via = []
[[scenario.profile.origins]]
name = "c"
[grid]
profile.weights.weakness = [1]
"""


def test_each_key_is_where_its_statement_begins() -> None:
    lines = key_lines(TEXT)
    assert {key: lines[key] for key in ("slack", "close", "title", "profile.base")} == {
        "slack": 2, "close": 4, "title": 7, "profile.base": 13,
    }  # fmt: skip
    assert lines["profile.weights.weakness.source"] == 14
    assert (lines["scenario[0].name"], lines["scenario[1].via"]) == (17, 20)
    assert lines["scenario[1].profile.origins[0].name"] == 22
    assert lines["grid.profile.weights.weakness"] == 24


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_brackets_in_texts_and_comments_say_nothing(quote: str) -> None:
    text = f"a = [\r\n {quote}[{quote}, # ]]\r\n]\nb = {quote}]{quote} # [\n[c]\nd = {{ e = 1 }}"
    assert key_lines(text) == {"a": 1, "b": 4, "c": 5, "c.d": 6, "c.d.e": 6}


def test_quotes_at_the_end_of_long_texts_are_of_them() -> None:
    assert key_lines('a = """\n\\"""""\nb = \'\'\'x\'\'\'\'\'\nc = "\\""\nd = 1')["d"] == 5


def test_a_statement_of_many_lines_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, texts = tomllib.loads, []
    monkeypatch.setattr(tomllib, "loads", lambda text: texts.append(text) or read(text))
    key_lines("a = [\n" + "1,\n" * 100 + "]\nb = 2")
    assert len(texts) == 2


def test_what_is_not_there_is_told_by_what_is_around_it() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, "close[0]") == 4
    assert line_of(lines, "grid.profile.weights.weakness[0].source") == 24
    assert line_of(lines, "scenario[1].slack") == 19
    assert line_of(lines, "nothing.at.all") is None


@pytest.mark.parametrize("name", ["x[y", "pueblos [final].csv", "]", "a[b].c[d", "[[[", "..."])
def test_names_with_brackets_are_told_by_what_is_around_them(name: str) -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, f"scenario[1].{name}") == 19
    assert line_of(lines, name) is None

"""Whatever can be set, asked for or told is in the documents."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from geodata.sources.download.providers.providers import PROVIDERS
from service.app.openapi import document
from service.state import Settings, state_of
from service.web.problems.problems import PROBLEMS
from service.web.problems.statuses import STATUSES
from tests.support.commands_page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_commands_says_what_they_say() -> None:
    """Make it anew: python -m tests.support.commands_page > docs/commands.md."""
    assert (DOCS / "commands.md").read_text("utf-8") == page()


@pytest.mark.parametrize("setting", [each.name for each in fields(Settings)])
def test_every_setting_is_documented(setting: str) -> None:
    text = (DOCS / "running.md").read_text("utf-8")
    assert setting in text or setting.replace("_", "-") in text


KINDS = {each.name for each in PROBLEMS.values()} | {each.slug for each in STATUSES.values()} - {""}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_error_is_documented(kind: str) -> None:
    assert f" | `{kind}` | " in (DOCS / "service.md").read_text("utf-8")


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_is_documented_with_its_licence(name: str) -> None:
    provider = PROVIDERS[name]
    lines = (DOCS / "downloads.md").read_text("utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith(f"| `{name}` |")]
    sure = "" if "licence is from memory" not in provider.note else " (from memory)"
    assert line.endswith(f" | {provider.licence}{sure} |") and provider.title in line
    assert ("(unconfirmed)" in line) is not provider.confirmed
    assert ", ".join(provider.roles) in line


def _plain(path: str) -> str:
    """A path whatever its parts in braces are called, and whichever collection it is of."""
    return re.sub(r"\{\w+\}", "{}", re.sub(r"^/collections/[^/]+", "/collections/{}", path))


def test_every_operation_is_documented(app: Flask) -> None:
    text = "".join((DOCS / name).read_text("utf-8") for name in ("service.md", "tiles.md"))
    documented = {_plain(path) for path in re.findall(r"`(?:[A-Z]+ )?(/[^`?\s]*)", text)}
    with app.test_request_context("/"):
        paths = document("", state_of(app))["paths"]
    assert {_plain(path) for path in paths} - documented == set()

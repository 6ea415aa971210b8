"""No value is called by a word that does not say what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGES = ("cli", "geodata", "routes", "service")
UNSAYING = {"found", "told", "held", "given", "asked", "whole", "said"}


@pytest.mark.parametrize("package", PACKAGES)
def test_names_say_what_their_values_are(package: str) -> None:
    unsaying = set()
    for path in (Path(__file__).parents[1] / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.arg if isinstance(node, ast.arg) else getattr(node, "id", "")
            if name.strip("_").lower() in UNSAYING:
                unsaying.add(f"{path}:{node.lineno} {name}")
    assert not unsaying

"""No value is called by a word that does not say what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGES = ("cli", "geodata", "routes", "service", "tests")
UNSAYING = {"found", "told", "held", "given", "asked", "whole", "said"}


@pytest.mark.parametrize("package", PACKAGES)
def test_names_say_what_their_values_are(package: str) -> None:
    unsaying = set()
    for path in (Path(__file__).parents[2] / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = _bound(node)
            if name.strip("_").lower() in UNSAYING:
                unsaying.add(f"{path}:{node.lineno} {name}")
    assert not unsaying


def _bound(node: ast.AST) -> str:
    """The name that a node of a program gives to something; empty for other nodes."""
    if isinstance(node, ast.Name | ast.Attribute):
        bound = isinstance(node.ctx, ast.Store)
        return (node.id if isinstance(node, ast.Name) else node.attr) if bound else ""
    if isinstance(node, ast.arg):
        return node.arg
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
    return (node.name or "") if isinstance(node, defined) else ""


@pytest.mark.parametrize("package", PACKAGES)
def test_each_class_of_a_package_has_a_name_of_its_own(package: str) -> None:
    homes: dict[str, list[str]] = {}
    for path in (Path(__file__).parents[2] / package).rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(f"{path}:{node.lineno}")
    double = {name: several for name, several in homes.items() if len(several) > 1}
    assert not double

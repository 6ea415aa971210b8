"""The API reference has all that public functions take and give."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import geodata
import routes

SCRIPT = Path(__file__).parents[2] / "docs" / "reference.py"
OFFERED = [getattr(face, name) for face in (routes, geodata) for name in face.__all__]


def _classes(function: object) -> Iterator[str]:
    """Names of our own classes that a function takes or gives."""
    for name in set(re.findall(r"\b[A-Z]\w+", str(inspect.signature(function)))):
        named = function.__globals__.get(name)
        if isinstance(named, type) and named.__module__.startswith(("routes.", "geodata.")):
            yield name


@pytest.mark.examples
def test_the_reference_has_all_that_public_functions_take_and_give(tmp_path: Path) -> None:
    pytest.importorskip("pdoc")
    env = os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])}
    subprocess.run([sys.executable, SCRIPT], cwd=tmp_path, env=env, capture_output=True, check=True)
    pages = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*.html"))
    documented = set(re.findall(r'id="(\w+)"', pages))
    functions = [each for each in OFFERED if inspect.isfunction(inspect.unwrap(each))]
    named = {name for each in functions for name in _classes(inspect.unwrap(each))}
    assert {"Closure", "Cut", "Ensemble", "Validation"} <= named
    assert not named - documented, "add them to __all__ of their rooms"

"""The faces of the packages: each public name is there, and costs nothing until it is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import geodata
import routes

HEAVY = ("numpy", "numba", "pandas", "geopandas", "shapely", "scipy", "matplotlib", "flask")


@pytest.mark.parametrize("face", [geodata, routes])
def test_every_name_of_a_face_is_there(face) -> None:
    assert face.__all__ == sorted(face.__all__)
    for name in face.__all__:
        # Twice, since the import of a module binds its package to the name.
        for _ in range(2):
            assert not isinstance(getattr(face, name), ModuleType)
        assert name in dir(face)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = face.nothing


@pytest.mark.parametrize("name", ["geodata", "routes"])
def test_a_face_imports_nothing_until_it_is_asked(name: str) -> None:
    listed = f"import sys, {name}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert not {module.partition(".")[0] for module in run.stdout.split()} & set(HEAVY)


@pytest.mark.parametrize("name", ["cli", "geodata", "routes", "service"])
def test_types_are_shipped_and_every_room_says_what_it_is_for(name: str) -> None:
    home = Path(import_module(name).__file__).parent
    assert (home / "py.typed").is_file()
    for face in home.rglob("__init__.py"):
        assert face.read_text("utf-8").startswith('"""'), face

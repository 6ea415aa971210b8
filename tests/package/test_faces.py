"""The faces of packages and rooms: what they offer is there, and costs nothing until it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

HEAVY = ("numpy", "numba", "pandas", "geopandas", "shapely", "scipy", "matplotlib", "flask")
PACKAGES = ("cli", "geodata", "routes", "service")
HOMES = {name: Path(import_module(name).__file__).parent for name in PACKAGES}
ROOMS = {
    ".".join(face.parent.relative_to(home.parent).parts)
    for home in HOMES.values()
    for face in home.rglob("__init__.py")
    if face.parent.name != "derive"
}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_name_of_a_face_is_there(room: str) -> None:
    face = import_module(room)
    assert face.__all__
    for name in face.__all__:
        # Twice, since the import of a module binds its package to the name.
        for _ in range(2):
            assert not isinstance(getattr(face, name), ModuleType)
        assert name in dir(face)
        assert find_spec(f"{room}.{name}") is None, "a module, which hides it"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = face.nothing


def _imports(module: Path) -> Iterator[tuple[str, str]]:
    """Each module that a module imports from, and the name."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from ((str(node.module), each.name) for each in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_one_room_takes_of_another_is_in_its_face(package: str) -> None:
    missing = set()
    for path in HOMES[package].rglob("*.py"):
        module = ".".join(path.relative_to(HOMES[package].parent).with_suffix("").parts)
        for source, name in _imports(path):
            room = source if source in ROOMS else source.rpartition(".")[0]
            # Modules of the packages themselves, such as geodata.errors, are doors of their own.
            if room not in ROOMS - set(PACKAGES) or module.startswith(f"{room}."):
                continue
            if find_spec(f"{room}.{name}") is None and name not in import_module(room).__all__:
                missing.add(f"{room}: {name}")
    assert not missing, "add them to __all__ of the rooms, for readers and for checkers of types"


@pytest.mark.parametrize("name", ["geodata", "routes"])
def test_a_face_imports_nothing_until_it_is_asked(name: str) -> None:
    listed = f"import sys, {name}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert not {module.partition(".")[0] for module in run.stdout.split()} & set(HEAVY)


@pytest.mark.parametrize(("name", "home"), HOMES.items(), ids=PACKAGES)
def test_types_are_shipped_and_every_room_says_what_it_is_for(name: str, home: Path) -> None:
    assert (home / "py.typed").is_file()
    for face in home.rglob("__init__.py"):
        assert face.read_text("utf-8").startswith('"""'), face

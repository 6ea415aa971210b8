"""What docstrings show is what is printed."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import geodata
import routes

FACES = [(face, name) for face in (routes, geodata) for name in face.__all__]
ROOMS = [
    ".".join(path.relative_to(home.parent).with_suffix("").parts)
    for home in (Path(face.__file__).parent for face in (routes, geodata))
    for path in sorted(home.rglob("*.py"))
    if path.name != "__init__.py" and ">>> " in path.read_text("utf-8")
]
"""Modules with an example."""


@pytest.mark.parametrize(("face", "name"), FACES, ids=[f"{f.__name__}.{n}" for f, n in FACES])
def test_every_public_name_shows_an_example(face, name: str) -> None:
    documented = getattr(face, name)
    if not callable(documented):
        documented = type(documented)
    assert ">>> " in (inspect.getdoc(documented) or ""), "give it an example"


@pytest.mark.examples
@pytest.mark.parametrize(("face", "name"), FACES, ids=[f"{f.__name__}.{n}" for f, n in FACES])
def test_the_example_prints_what_it_shows(
    face, name: str, network_dir: Path, result_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    """Each runs in a directory with ``network`` and ``out``, as `make run` leaves it."""
    documented = getattr(face, name)
    if not callable(documented):
        documented = type(documented)
    # Those of its methods as well; nothing is imported for them.
    examples = doctest.DocTestFinder(exclude_empty=True).find(documented, name, globs={})
    _run(examples, tmp_path, (network_dir, result_dir), monkeypatch)


@pytest.mark.examples
@pytest.mark.parametrize("module", ROOMS)
def test_examples_of_what_no_face_offers_print_what_they_show(
    module: str, network_dir: Path, result_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    offered = {id(getattr(face, name)) for face, name in FACES}
    room = import_module(module)
    own = [each for each in vars(room).values() if getattr(each, "__module__", "") == module]
    examples = [
        example
        for each in own
        if id(each) not in offered and callable(each)
        for example in doctest.DocTestFinder(exclude_empty=True).find(each, globs=dict(vars(room)))
        if example.examples
    ]
    if examples:
        _run(examples, tmp_path, (network_dir, result_dir), monkeypatch)


@pytest.mark.examples
def test_the_example_of_the_library_prints_what_it_shows(
    network_dir: Path, result_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    examples = [doctest.DocTestParser().get_doctest(routes.__doc__, {}, "routes", None, 0)]
    _run(examples, tmp_path, (network_dir, result_dir), monkeypatch)


def _run(
    examples: list[doctest.DocTest], place: Path, made: tuple[Path, Path], monkeypatch
) -> None:
    for name, directory in zip(("network", "out"), made, strict=True):
        (place / name).symlink_to(directory)
    monkeypatch.chdir(place)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in examples:
        runner.run(example)
    assert runner.tries and not runner.failures

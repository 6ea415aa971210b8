"""What the docstrings of public names show is what is printed."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import geodata
import routes

FACES = [(face, name) for face in (routes, geodata) for name in face.__all__]


@pytest.mark.parametrize(("face", "name"), FACES, ids=[f"{f.__name__}.{n}" for f, n in FACES])
def test_every_public_name_shows_an_example(face, name: str) -> None:
    documented = getattr(face, name)
    if not callable(documented):
        documented = type(documented)
    assert ">>> " in (inspect.getdoc(documented) or ""), "give it an example"


UNDESCRIBED = {"Events", "read_events"}
"""Names of `geodata` whose parameters are still to be described."""


@pytest.mark.parametrize("name", sorted(set(geodata.__all__) - UNDESCRIBED))
def test_parameters_of_public_functions_are_described(name: str) -> None:
    missing = {
        f"{function.__qualname__}: {parameter}"
        for function in _functions(getattr(geodata, name))
        for parameter in inspect.signature(function).parameters.keys() - {"self", "cls"}
        if parameter not in _described(function)
    }
    assert not missing


def _functions(documented) -> Iterator:
    """A function, or the public methods of a class."""
    if inspect.isfunction(documented):
        yield documented
    elif inspect.isclass(documented):
        for name, member in vars(documented).items():
            function = getattr(member, "__func__", member)
            if inspect.isfunction(function) and not name.startswith("_"):
                yield function


def _described(function) -> set[str]:
    """Names under ``Parameters``."""
    text = inspect.getdoc(function) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^[A-Z]\w+\n-+\n|\Z)", text, re.M | re.S)
    lines = section[1].splitlines() if section else []
    return {name for line in lines if line[:1].isalpha() for name in line.split(", ")}


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

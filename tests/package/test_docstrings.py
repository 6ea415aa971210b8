"""What docstrings show is what is printed."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Callable, Iterator
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
_PARAMETERS = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w+\n-{3,}|\Z)", re.DOTALL | re.MULTILINE)


def _offered() -> Iterator[tuple[str, Callable[..., object]]]:
    """What the face of the library offers: functions, classes, and the methods of these."""
    for name in routes.__all__:
        documented = inspect.unwrap(getattr(routes, name))
        yield name, documented
        for method, member in vars(documented).items() if inspect.isclass(documented) else ():
            function = getattr(member, "__func__", member)
            if inspect.isfunction(function) and not method.startswith("_"):
                yield f"{name}.{method}", function


OFFERED = dict(_offered())


@pytest.mark.parametrize("name", OFFERED)
def test_every_offered_function_and_method_shows_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(OFFERED[name]) or ""), "give it an example, or a _name"


@pytest.mark.parametrize("name", OFFERED)
def test_every_parameter_of_what_is_offered_is_described(name: str) -> None:
    section = _PARAMETERS.search(inspect.getdoc(OFFERED[name]) or "")
    lines = section[1].splitlines() if section else []
    described = {each for line in lines if line[:1].strip() for each in line.split(", ")}
    parameters = {*inspect.signature(OFFERED[name]).parameters} - {"self", "cls"}
    assert not parameters - described


@pytest.mark.parametrize(("face", "name"), FACES, ids=[f"{f.__name__}.{n}" for f, n in FACES])
def test_every_public_name_shows_an_example(face, name: str) -> None:
    documented = getattr(face, name)
    if not callable(documented):
        documented = type(documented)
    assert ">>> " in (inspect.getdoc(documented) or ""), "give it an example"


@pytest.mark.parametrize("name", sorted(geodata.__all__))
def test_public_methods_show_an_example(name: str) -> None:
    silent = {
        function.__qualname__
        for function in _functions(getattr(geodata, name))
        if ">>> " not in (inspect.getdoc(function) or "")
    }
    assert not silent


@pytest.mark.parametrize("name", sorted(geodata.__all__))
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
@pytest.mark.parametrize("face", [routes, geodata], ids=lambda face: face.__name__)
def test_the_example_of_the_library_prints_what_it_shows(
    face, network_dir: Path, result_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    examples = [doctest.DocTestParser().get_doctest(face.__doc__, {}, face.__name__, None, 0)]
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

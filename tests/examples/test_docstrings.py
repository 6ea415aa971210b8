"""What the docstrings of public names show is what is printed."""

from __future__ import annotations

import doctest
import inspect
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


@pytest.mark.examples
@pytest.mark.parametrize(("face", "name"), FACES, ids=[f"{f.__name__}.{n}" for f, n in FACES])
def test_the_example_prints_what_it_shows(
    face, name: str, network_dir: Path, result_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    """Each runs in a directory with ``network`` and ``out``, as `make run` leaves it."""
    (tmp_path / "network").symlink_to(network_dir)
    (tmp_path / "out").symlink_to(result_dir)
    monkeypatch.chdir(tmp_path)
    documented = getattr(face, name)
    if not callable(documented):
        documented = type(documented)
    # Those of its methods as well; nothing is imported for them.
    examples = doctest.DocTestFinder(exclude_empty=True).find(documented, name, globs={})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in examples:
        runner.run(example)
    assert runner.tries and not runner.failures

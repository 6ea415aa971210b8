"""Compiled code on disk: what is damaged, of another version or of another function is not run."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = """
from typing import NamedTuple
import numpy as np
from geodata.compiled import kernel

class NAME(NamedTuple):
    values: object

@kernel(nogil=True)
def total(pair):
    return pair.values.sum() * FACTOR

print(total(NAME(np.arange(5, dtype=np.DTYPE))))
"""


def run(home: Path, *, name: str = "Pair", factor: int = 1, dtype: str = "int64") -> str:
    """What the program prints; it is written anew each time, and its code is kept beside it."""
    text = SOURCE.replace("NAME", name).replace("FACTOR", str(factor)).replace("DTYPE", dtype)
    program = home / "program.py"
    if not program.exists() or program.read_text() != text:
        program.write_text(text)
    call = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(home)!r}); import program"]
    done = subprocess.run(call, capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with its code."""
    home = tmp_path_factory.mktemp("compiled")
    assert run(home) == "10"
    return home


@pytest.fixture
def home(compiled: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(compiled, tmp_path / "home"))


def files(home: Path, ending: str) -> list[Path]:
    return sorted((home / "__pycache__").glob(f"*.{ending}"))


def test_code_is_kept_for_each_kind_of_arguments(home: Path) -> None:
    (first,) = files(home, "nbc")
    kept = first.read_bytes(), first.stat().st_mtime_ns
    assert run(home) == "10"
    assert (first.read_bytes(), first.stat().st_mtime_ns) == kept


def test_code_of_an_older_source_is_not_run_and_goes(home: Path) -> None:
    old = files(home, "nbc")
    assert run(home, factor=3) == "30"
    assert len(files(home, "nbc")) == 1
    assert files(home, "nbc") != old


def test_a_class_may_be_renamed(home: Path) -> None:
    """numba's own index names it, and is read before anything is asked of it."""
    assert run(home, name="Two") == "10"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "something else": lambda _: pickle.dumps("other") * 2,
}


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_compiled_again(home: Path, damage: str, ending: str) -> None:
    (file,) = files(home, ending)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    assert run(home) == "10"


def test_code_is_kept_before_it_is_named(home: Path) -> None:
    """Were a process ended in between, the index would name code that is not there, or old."""
    (index,), (code,) = files(home, "nbi"), files(home, "nbc")
    assert code.stat().st_mtime_ns <= index.stat().st_mtime_ns
    code.unlink()
    assert run(home) == "10"
    assert files(home, "nbc") == [code]


def test_no_room_for_code_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    program = (
        "import errno\nfrom geodata.compiled import CodeFile\n"
        "def full(*_):\n    raise OSError(errno.ENOSPC, 'full')\n"
        "CodeFile._save_data = full\n"
    )
    (tmp_path / "sitecustomize_full.py").write_text(program)
    text = SOURCE.replace("NAME", "Pair").replace("FACTOR", "1").replace("DTYPE", "int64")
    (tmp_path / "program.py").write_text("import sitecustomize_full\n" + text)
    call = [sys.executable, "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import program"]  # fmt: skip
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "10"), done.stderr
    assert not files(tmp_path, "nbc")

"""Compiled code on disk: what is damaged, of another version or of another function is not run."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from numba.core.caching import IndexDataCacheFile

from geodata.computing.compiled import CodeFile
from geodata.computing.turn import Turn

PYTHON = f"py{sys.version_info.major}{sys.version_info.minor}"
SOURCE = """
from typing import NamedTuple
import numpy as np
from geodata.computing.compiled import kernel

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
        "import errno\nfrom geodata.computing.compiled import CodeFile\n"
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


PARTS = {
    "callee.py": """
from geodata.computing.compiled import kernel

@kernel(nogil=True)
def inner(x):
    return x + STEP

LIMIT = MOST
""",
    "program.py": """
from geodata.computing.compiled import kernel
from callee import LIMIT, inner

@kernel(nogil=True)
def outer(x):
    return later(x) + LIMIT

@kernel(nogil=True)
def later(x):
    return inner(x) * 10

print(outer(1))
""",
}


def run_parts(home: Path, *, step: int, most: int, begin: str = "") -> str:
    """What a program of two modules prints, of which only the one that is called changes."""
    for name, text in PARTS.items():
        text = text.replace("STEP", str(step)).replace("MOST", str(most))
        if not (home / name).exists() or (home / name).read_text() != text:
            (home / name).write_text(text)
    call = [sys.executable, "-Bc", f"import sys; sys.path.insert(0, {str(home)!r}); {begin}"
                                   "import program"]  # fmt: skip
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_code_depends_on_all_that_it_calls_and_names(tmp_path: Path) -> None:
    """A function that calls another holds its code, and numbers of other modules."""
    assert run_parts(tmp_path, step=1, most=5) == "25"
    kept = {path: path.stat().st_mtime_ns for path in files(tmp_path, "nbc")}
    assert len(kept) == 3
    assert run_parts(tmp_path, step=1, most=5) == "25"
    assert {path: path.stat().st_mtime_ns for path in files(tmp_path, "nbc")} == kept
    assert run_parts(tmp_path, step=2, most=5) == "35"
    assert run_parts(tmp_path, step=2, most=7) == "37"
    assert len(files(tmp_path, "nbc")) == 3


def test_code_of_a_process_that_outlives_an_update_is_its_own(tmp_path: Path) -> None:
    """It compiles what it has read, after there is something else on disk."""
    newer = PARTS["callee.py"].replace("STEP", "2").replace("MOST", "5")
    update = f"import callee; open(callee.__file__, 'w').write({newer!r}); "
    assert run_parts(tmp_path, step=1, most=5, begin=update) == "25"
    assert run_parts(tmp_path, step=2, most=5) == "35"


def run_fields(home: Path, fields: str) -> str:
    """What a program prints that takes arrays by the names that another module gives them."""
    home.joinpath("names.py").write_text(
        "from typing import NamedTuple\n\nclass Ends(NamedTuple):\n"
        + "".join(f"    {field}: object\n" for field in fields)
    )
    program = home / "program.py"
    if not program.exists():
        program.write_text("""
import numpy as np
from geodata.computing.compiled import kernel

@kernel(nogil=True)
def first(pairs):
    return pairs[0].u.sum()
""")
    call = [sys.executable, "-Bc", f"import sys; sys.path.insert(0, {str(home)!r}); "
            "import names, numpy, program; print(program.first(((names.Ends("
            "u=numpy.ones(1), v=numpy.zeros(1))),)))"]  # fmt: skip
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_code_depends_on_the_order_of_the_fields_that_it_takes(tmp_path: Path) -> None:
    """numba tells named tuples apart by their class and what they hold, whatever it is called."""
    assert run_fields(tmp_path, "uv") == "1.0"
    kept = {path: path.stat().st_mtime_ns for path in files(tmp_path, "nbc")}
    assert run_fields(tmp_path, "uv") == "1.0"
    assert {path: path.stat().st_mtime_ns for path in files(tmp_path, "nbc")} == kept
    assert run_fields(tmp_path, "vu") == "1.0"


WAITING = """
from geodata.computing.compiled import kernel

@kernel(nogil=True)
def twice(x):
    return 2 * x

@kernel(nogil=True)
def broken(x):
    return x.nothing

print("ready", flush=True)
assert twice(4) == 8
print(sum(twice.stats.cache_misses.values()), flush=True)
try:
    broken(4)
except Exception as error:
    print(type(error).__name__, flush=True)
input()
"""


def test_of_several_processes_one_compiles(tmp_path: Path) -> None:
    """The others wait, and go on with its code; what cannot be compiled holds none of them up."""
    (tmp_path / "program.py").write_text(WAITING)
    (tmp_path / "__pycache__").mkdir()
    turn = Turn(tmp_path / "__pycache__" / f"program.twice-4.{PYTHON}.nbi.lock")
    turn.take()
    words = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
                                   "import program"]  # fmt: skip
    with ExitStack() as programs:
        begun = [
            programs.enter_context(subprocess.Popen(words, text=True, stdin=-1, stdout=-1))
            for _ in range(3)
        ]
        outputs = [each.stdout for each in begun if each.stdout is not None]
        assert [each.readline() for each in outputs] == ["ready\n"] * 3
        assert not files(tmp_path, "nbc")
        turn.end()
        assert sorted(each.readline() for each in outputs) == ["0\n", "0\n", "1\n"]
        assert [each.readline() for each in outputs] == ["TypingError\n"] * 3
        for each in begun:
            each.communicate("\n")


def code_file(home: Path) -> Any:
    """Where the code of some function is."""
    plain: Any = IndexDataCacheFile
    return CodeFile(
        plain(str(home), "module.total-7.py311", b""), FunctionType(code_file.__code__, globals())
    )


def test_what_was_half_written_goes(tmp_path: Path) -> None:
    code = code_file(tmp_path)
    with pytest.raises(KeyboardInterrupt), code._open_for_write(str(tmp_path / "a.nbc")):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    for name in ("total-7.py311.1.nbc.0a", "total-7.py311.nbi.tmp.0a", "total-71.py311.1.nbc"):
        (tmp_path / f"module.{name}").touch()
    code.save("key", "data")
    kept = {path.name for path in tmp_path.iterdir()}
    assert {"module.total-71.py311.1.nbc", "module.total-7.py311.nbi"} < kept
    assert len(kept) == 3
    assert code.load("key") == "data"


def test_code_made_of_classes_that_are_gone_is_compiled_again(tmp_path: Path) -> None:
    code = code_file(tmp_path)
    code.save("key", "data")
    (file,) = tmp_path.glob("*.nbc")
    # As pickle writes one that was in a module.
    data = b"cgeodata.computing.compiled\nGone\n."
    file.write_bytes(hashlib.sha256(data).digest() + data)
    assert code.load("key") is None
    code.turn.end()


def test_code_of_another_numba_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two environments that work on the same files, of which one ends before it names its code."""
    code, newer = code_file(tmp_path), code_file(tmp_path)
    code.save("key", "data")
    monkeypatch.setattr(newer, "_version", "999")
    monkeypatch.setattr(newer, "_save_index", lambda _: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        newer.save("key", "newer data")
    assert code.load("key") == "data"


@pytest.mark.parametrize("package", ["cli", "geodata", "routes", "service"])
def test_all_compiled_functions_keep_their_code_in_this_way(package: str) -> None:
    """numba's own way fails after an update that renames a class, until its files are removed."""
    home = Path(import_module(package).__file__ or "").parent
    direct = [
        str(path)
        for path in home.rglob("*.py")
        if path.name != "compiled.py" and re.search(r"jit\(.*cache=", path.read_text("utf-8"))
    ]
    assert not direct, "use geodata.computing.compiled.kernel"

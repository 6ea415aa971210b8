"""Compiled functions, and their code on disk, used by the same function and version alone."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, BinaryIO, TypeVar

import numba
import numpy as np
from numba import types
from numba.core.caching import IndexDataCacheFile
from numba.core.compiler_lock import global_compiler_lock

from geodata.computing.turn import Turn

_DIGEST = hashlib.sha256().digest_size
F = TypeVar("F", bound=Callable[..., Any])


def kernel(**options: Any) -> Callable[[F], F]:
    """Compile a function when it is first called, and keep its code for later processes.

    Parameters
    ----------
    options
        Those of ``numba.njit``, but for ``cache``.
    """

    def decorate(function: F) -> F:
        compiled: F = numba.njit(cache=True, **options)(function)
        store = getattr(compiled, "_cache", None)
        if isinstance(getattr(store, "_cache_file", None), IndexDataCacheFile):
            assert isinstance(function, FunctionType) and store is not None
            store._cache_file = CodeFile(store._cache_file, function)
            _end_turns(compiled, store._cache_file)
        return compiled

    return decorate


def _end_turns(compiled: Any, file: CodeFile) -> None:
    """Have a function leave its turn to other processes even when it cannot be compiled."""
    compile_for = compiled.compile

    def compile_in_turn(kinds: Any) -> Any:
        # Only one thread compiles at a time; the turn is ended before the next one asks for it.
        with global_compiler_lock:
            try:
                return compile_for(kinds)
            finally:
                file.turn.end()

    compiled.compile = compile_in_turn


class CodeFile(IndexDataCacheFile):
    """The code of one function on disk: an index by kinds of arguments, and a file for each.

    numba writes the index first, and counts files. A process that ends in between leaves an index
    that names old code, two that compile at the same time can get each other's, and an index that
    names a class which is gone cannot be read. It also asks for the source of the function alone,
    while the code holds all that it calls. Here code comes first, under a name that is made of all
    it depends on, and what cannot be read is compiled again. Processes that begin together, as
    those of a service do, would compile the same: here one does, and the others wait for its code.

    Parameters
    ----------
    plain
        The file as numba would write it.
    function
        What is compiled.
    """

    def __init__(self, plain: Any, function: FunctionType) -> None:
        vars(self).update(vars(plain))
        self._function = function
        self.turn = Turn(Path(f"{self._index_path}.lock"))
        # What is on disk now is what this process has read; it may be updated while that runs.
        _stamp(function)

    @property
    def _source_stamp(self) -> bytes:
        """Digest of all sources and values that the code is made of.

        They are known when it is asked for: a function may call another that is written below it.
        """
        return _stamp(self._function)

    def load(self, key: Any) -> Any:
        """The code for some kinds of arguments, None where it is for this process to compile."""
        key = (key, _fields(key))
        if (code := super().load(key)) is None:
            self.turn.take()
            code = super().load(key)
        return code

    def save(self, key: Any, data: Any) -> None:
        """Keep the code for some kinds of arguments."""
        index, key = self._load_index(), (key, _fields(key))
        made_of = (self._version, self._source_stamp, key)
        wanted = hashlib.sha256(self._dump(made_of)).digest()
        name = self._data_name(int.from_bytes(wanted[:8], "big"))
        # Where there is no room for it, code is compiled once more by the next process.
        with suppress(OSError):
            self._save_data(name, data)
            self._save_index({**index, key: name})
            if not index:
                self._sweep(name)

    def _sweep(self, kept: str) -> None:
        """Remove code of older sources and what was half written: it can be compiled again."""
        first, own = self._index_name.removesuffix("nbi"), (kept, self._index_name)
        for path in Path(self._cache_path).iterdir():
            if path.name.startswith(first) and path.suffix != ".lock" and path.name not in own:
                path.unlink(missing_ok=True)

    def _load_index(self) -> dict[Any, str]:
        try:
            index: dict[Any, str] = super()._load_index()
        except Exception:
            # Damaged, or made of classes that have another name by now.
            return {}
        return index

    def _save_data(self, name: str, data: Any) -> None:
        code = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(code).digest() + code)

    def _load_data(self, name: str) -> Any:
        sealed = Path(self._data_path(name)).read_bytes()
        digest, code = sealed[:_DIGEST], sealed[_DIGEST:]
        if hashlib.sha256(code).digest() != digest:
            raise FileNotFoundError(name)
        try:
            return pickle.loads(code)
        except Exception as error:
            # Made of classes that are gone. numba takes it as it does when there is no such file.
            raise FileNotFoundError(name) from error

    @contextmanager
    def _open_for_write(self, path: str) -> Iterator[BinaryIO]:
        """A file that takes its name once it is whole; numba leaves it behind at Ctrl+C."""
        fresh = f"{path}.{os.urandom(8).hex()}"
        try:
            with Path(fresh).open("wb") as file:
                yield file
            Path(fresh).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(fresh).unlink()
            raise


def _stamp(function: FunctionType) -> bytes:
    """Digest of a function, all that it calls, and the values that they name."""
    reached, waiting, parts = {function}, [function], {_source(function.__module__)}
    while waiting:
        one = waiting.pop()
        for name in one.__code__.co_names:
            value = one.__globals__.get(name)
            called = getattr(value, "py_func", value)
            if isinstance(called, FunctionType) and called not in reached:
                reached.add(called)
                waiting.append(called)
            parts.add(_part(name, called))
    return hashlib.sha256("\n".join(sorted(parts)).encode()).digest()


def _fields(kinds: object) -> tuple[object, ...]:
    """Names of the fields of named tuples among some kinds of arguments.

    numba compares their class and what they hold, and takes a field by its place.
    """
    if not isinstance(kinds, tuple | types.BaseTuple):
        return ()
    inside: Any = getattr(kinds, "types", kinds)
    return (getattr(kinds, "fields", ()), *map(_fields, inside))


def _part(name: str, value: object) -> str:
    """What a value adds to a stamp: a number itself, all else the source of its module."""
    if isinstance(value, np.ndarray):
        return f"{name} {value.dtype} {value.shape} {value.tobytes().hex()}"
    if isinstance(value, ModuleType):
        return _source(value.__name__)
    if isinstance(getattr(value, "__module__", None), str) and not isinstance(value, np.generic):
        return _source(str(value.__module__))
    return f"{name} {value!r}"


@cache
def _source(module: str) -> str:
    """Name of a module, and the digest of its source where it has one."""
    path = getattr(sys.modules.get(module), "__file__", None)
    try:
        digest = hashlib.sha256(Path(path or "").read_bytes()).hexdigest()
    except OSError:
        digest = ""
    return f"{module} {digest}"

"""Compiled functions, whose code on disk is used only by the same function and version."""

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
    """Compile a function at its first call, and keep its code for later processes.

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
        # Only one thread compiles at a time; its turn ends before the next thread takes one.
        with global_compiler_lock:
            try:
                return compile_for(kinds)
            finally:
                file.turn.end()

    compiled.compile = compile_in_turn


class CodeFile(IndexDataCacheFile):
    """The code of one function on disk: an index by kinds of arguments, and a file for each.

    numba writes the index first, and numbers the files. A process that ends in between leaves an
    index that names old code, two processes that compile at the same time can get each other's
    code, and an index that names a removed class cannot be read. numba also checks only the source
    of the function itself, although its code includes all functions that it calls. Here code is
    written first, under a name made of everything that it depends on, and code that cannot be read
    is compiled again. Processes that start together, as those of a service do, would all compile
    the same function: here one process compiles, and the others wait for its code.

    Parameters
    ----------
    plain
        Path that numba would use for the file.
    function
        The compiled function.
    """

    def __init__(self, plain: Any, function: FunctionType) -> None:
        vars(self).update(vars(plain))
        self._function = function
        self.turn = Turn(Path(f"{self._index_path}.lock"))
        # This process has read the files that are on disk now; they may be updated while it runs.
        _stamp(function)

    @property
    def _source_stamp(self) -> bytes:
        """Digest of all sources and values on which the code depends.

        It is computed at the first request, because a function may call another that is defined
        below it.
        """
        return _stamp(self._function)

    def load(self, key: Any) -> Any:
        """The code for some types of arguments, None when this process has to compile it."""
        key = (key, _fields(key))
        if (code := super().load(key)) is None:
            self.turn.take()
            code = super().load(key)
        return code

    def save(self, key: Any, data: Any) -> None:
        """Keep the code for some types of arguments."""
        index, key = self._load_index(), (key, _fields(key))
        made_of = (self._version, self._source_stamp, key)
        wanted = hashlib.sha256(self._dump(made_of)).digest()
        name = self._data_name(int.from_bytes(wanted[:8], "big"))
        # Without room on the disk, the next process compiles the code again.
        with suppress(OSError):
            self._save_data(name, data)
            self._save_index({**index, key: name})
            if not index:
                self._sweep(name)

    def _sweep(self, kept: str) -> None:
        """Remove code of older sources and half-written files; the code can be compiled again."""
        first, own = self._index_name.removesuffix("nbi"), (kept, self._index_name)
        for path in Path(self._cache_path).iterdir():
            if path.name.startswith(first) and path.suffix != ".lock" and path.name not in own:
                path.unlink(missing_ok=True)

    def _load_index(self) -> dict[Any, str]:
        try:
            index: dict[Any, str] = super()._load_index()
        except Exception:
            # The file is damaged, or names classes that have been renamed.
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
            # The file names removed classes; numba treats this like a missing file.
            raise FileNotFoundError(name) from error

    @contextmanager
    def _open_for_write(self, path: str) -> Iterator[BinaryIO]:
        """A file that gets its name once it is complete; numba leaves it behind at Ctrl+C."""
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
    """Names of the fields of named tuples among some types of arguments.

    numba compares the class and the types of a tuple, and accesses a field by its position.
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
    """Name of a module, and the digest of its source if it has any."""
    path = getattr(sys.modules.get(module), "__file__", None)
    try:
        digest = hashlib.sha256(Path(path or "").read_bytes()).hexdigest()
    except OSError:
        digest = ""
    return f"{module} {digest}"

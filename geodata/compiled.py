"""Compiled functions, and their code on disk: never that of another version or another function."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import IndexDataCacheFile

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
        file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
        if isinstance(file, IndexDataCacheFile):
            file.__class__ = CodeFile
        return compiled

    return decorate


class CodeFile(IndexDataCacheFile):
    """The code of one function on disk: an index by kinds of arguments, and a file for each.

    numba writes the index first, and counts files. A process that ends in between leaves an index
    that names old code, two that compile at the same time can get each other's, and an index that
    names a class which is gone cannot be read. Here code comes first, under a name that is made of
    all it depends on, and what cannot be read is compiled again.
    """

    def save(self, key: Any, data: Any) -> None:
        """Keep the code for some kinds of arguments."""
        index = self._load_index()
        wanted = hashlib.sha256(self._dump((self._source_stamp, key))).digest()
        name = self._data_name(int.from_bytes(wanted[:8], "big"))
        # Where there is no room for it, code is compiled once more by the next process.
        with suppress(OSError):
            self._save_data(name, data)
            self._save_index({**index, key: name})
            if not index:
                self._sweep(name)

    def _sweep(self, kept: str) -> None:
        """Remove the code of older sources; whoever misses it compiles anew."""
        first = self._index_name.removesuffix(".nbi")
        for path in Path(self._cache_path).glob("*.nbc"):
            if path.name.startswith(f"{first}.") and path.name != kept:
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
            # As numba takes it when there is no such file.
            raise FileNotFoundError(name)
        return pickle.loads(code)

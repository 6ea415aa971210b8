"""Numbers that one thread writes while another reads them, for kernels.

Compilers may keep plain loads and stores in registers and move them past each other, as if no other
thread were looking, so that what two threads then see is not defined. These are the
atomic loads and stores of LLVM. On x86 all of them are plain moves, and cost nothing but the
freedom of the compiler.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

_BYTES = 4
"""Of the numbers shared: single precision."""


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    pointer = context.make_array(kind)(context, builder, array).data
    return builder.gep(pointer, [index])


def _load(ordering: str) -> Any:
    def typed(_: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            place = _place(context, builder, signature.args[0], *values)
            return builder.load_atomic(place, ordering, _BYTES)

        return array.dtype(array, index), generate

    return intrinsic(typed)


def _store(ordering: str) -> Any:
    def typed(_: Any, array: Any, index: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            array, index, value = values
            place = _place(context, builder, signature.args[0], array, index)
            builder.store_atomic(value, place, ordering, _BYTES)
            return context.get_dummy_value()

        return types.void(array, index, array.dtype), generate

    return intrinsic(typed)


read: Any = _load("monotonic")
"""An entry as some thread wrote it, whole."""
write: Any = _store("monotonic")
"""Write an entry whole."""
acquire: Any = _load("acquire")
"""An entry; what its writer wrote before `release` is seen by all that is read after."""
release: Any = _store("release")
"""Write an entry after all that was written before."""

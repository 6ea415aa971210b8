"""Numbers that one thread writes while another reads them, for kernels.

Compilers may keep plain loads and stores in registers and reorder them, as if there were no other
thread, so that the values which two threads see are undefined. These are the atomic loads and
stores of LLVM. On x86 all of them are plain moves; they only limit the optimisations of the
compiler.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

_BYTES = 4
"""Alignment of the shared numbers, which are in single precision."""


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
"""Read an entry that another thread may be writing; it is never half-written."""
write: Any = _store("monotonic")
"""Write an entry so that no other thread reads it half-written."""
acquire: Any = _load("acquire")
"""Read an entry; later reads see all that its writer wrote before its `release`."""
release: Any = _store("release")
"""Write an entry after all earlier writes of this thread."""

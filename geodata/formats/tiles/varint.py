"""Numbers in groups of seven bits, the lowest first, as protocol buffers hold them."""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.formats.tiles.clip import inner

_SEVEN, _MORE, _GROUP = np.uint64(7), np.uint64(128), np.uint64(127)


def varint(value: int) -> bytes:
    """A number as bytes."""
    groups = []
    while value >= 128:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])


@inner
def put_varint(buffer: Any, n: Any, value: Any) -> Any:
    """Write a number at a place in a buffer; gives the place after it. For other kernels."""
    rest = np.uint64(value)
    while rest >= _MORE:
        buffer[n] = (rest & _GROUP) | _MORE
        rest >>= _SEVEN
        n += 1
    buffer[n] = rest
    return n + 1


@inner
def width(value: Any) -> Any:
    """Bytes of a number written by `put_varint`. For other kernels."""
    n, rest = 1, np.uint64(value)
    while rest >= _MORE:
        rest >>= _SEVEN
        n += 1
    return n

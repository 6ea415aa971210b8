"""Numbers that each process counts for itself, in memory that all processes share.

This memory is not a file, because on a full disk the system ends a process that writes to a mapped
file; prometheus_client, which has mapped files for several processes, is for that reason not asked
to count. It outlives the processes, so that the counts of a process are kept when it dies; the next
process at its place continues them.

The place of a process is the one that `service.server.connections.Shares` reserves; the requests in
hand (`service.web.logs.in_hand`) are at the same place. Each of the three has memory of its own,
since they are alike in nothing but the place: a number that all processes compare at each new
connection, texts that are written over, and entries that only grow and are never freed.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator, Mapping
from mmap import mmap

Key = tuple[str, ...]

_PLACE_BYTES = 256 * 1024
"""Enough for all routes, methods and statuses there are; pages that are not used cost nothing."""
_NUMBER = 8
_HEAD = struct.Struct("@II")
"""Before each entry: bytes of its key, and how many numbers it has."""
_BETWEEN = "\0"


class ProcessCounts:
    """Numbers by key, which only this process writes.

    Parameters
    ----------
    used
        Number of used bytes of the place.
    place
        Memory of the entries, one after another.
    """

    def __init__(self, used: memoryview[int], place: memoryview[int]) -> None:
        self._used, self._place = used, place
        self._numbers = place.cast("d")
        self._lock = threading.Lock()
        self._first = {key: first for key, first, _ in _entries(used[0], place)}

    def add(self, key: Key, amounts: Mapping[int, float], *, size: int = 1) -> None:
        """Add to numbers of a key; what has no room is not counted.

        Parameters
        ----------
        key
            Name of the figure and its labels.
        amounts
            By index of the number.
        size
            Number of counts of the key.
        """
        with self._lock:
            first = self._first.get(key)
            if first is None:
                first = self._begin(key, size)
            if first is not None:
                for index, amount in amounts.items():
                    self._numbers[first + index] += amount

    def _begin(self, key: Key, size: int) -> int | None:
        """Write an entry of zeros; it counts once the place is said to be used as far as that."""
        text = _BETWEEN.join(key).encode()
        begin = self._used[0]
        first = _numbers_at(begin, len(text))
        end = (first + size) * _NUMBER
        if end > len(self._place):
            return None
        head = _HEAD.pack(len(text), size) + text
        self._place[begin:end] = head.ljust(end - begin, b"\0")
        self._used[0] = end
        self._first[key] = first
        return first


class Board:
    """A place for the numbers of each process.

    Parameters
    ----------
    places
        Largest number of processes.
    shared
        Whether processes that are forked see the same; else each goes on with a copy.
    """

    def __init__(self, places: int = 1, *, shared: bool = False) -> None:
        size = places * (_NUMBER + _PLACE_BYTES)
        memory = memoryview(mmap(-1, size) if shared else bytearray(size))
        self._used = memory[: places * _NUMBER].cast("Q")
        self._places = memory[places * _NUMBER :]

    def tally(self, place: int) -> ProcessCounts:
        """The numbers at a place, for the only process that writes there."""
        return ProcessCounts(self._used[place : place + 1], self._at(place))

    def sums(self) -> dict[Key, list[float]]:
        """Numbers of all processes, added up."""
        sums: dict[Key, list[float]] = {}
        for place, used in enumerate(self._used):
            at = self._at(place)
            numbers = at.cast("d")
            for key, first, size in _entries(used, at):
                total = sums.setdefault(key, [0.0] * size)
                for index in range(size):
                    total[index] += numbers[first + index]
        return sums

    def _at(self, place: int) -> memoryview[int]:
        return self._places[place * _PLACE_BYTES : (place + 1) * _PLACE_BYTES]


def _entries(used: int, place: memoryview[int]) -> Iterator[tuple[Key, int, int]]:
    """Keys, each with the index of its first number and how many it has."""
    begin = 0
    while begin < used:
        length, size = _HEAD.unpack_from(place, begin)
        text = begin + _HEAD.size
        first = _numbers_at(begin, length)
        yield tuple(bytes(place[text : text + length]).decode().split(_BETWEEN)), first, size
        begin = (first + size) * _NUMBER


def _numbers_at(begin: int, length: int) -> int:
    """Index of the first number of an entry that begins there, with a key of so many bytes."""
    return -(-(begin + _HEAD.size + length) // _NUMBER)

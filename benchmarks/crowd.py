"""Clients that ask a service at once, and what they saw.

They share the processors with the service that they measure. So one thread looks after all of them,
which takes less than a thread for each would. Every answer is read to its end and has to be a 200.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from heapq import heappop, heappush
from selectors import EVENT_READ, DefaultSelector
from statistics import quantiles
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 60.0
_PIECE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What clients that ask at once saw.

    Parameters
    ----------
    spent
        Seconds of each answer.
    rate
        Answers a second, as long as all of them asked.
    """

    spent: list[float]
    rate: float

    @classmethod
    def ask(cls, address: str, paths: list[str], *, clients: int, pause: float = 0.0) -> Crowd:
        """Ask for all paths by clients that take turns with them.

        Parameters
        ----------
        pause
            Seconds that a client waits after each answer; clients begin spread over one pause.
        """
        crowd = [_Client(address, paths[place::clients]) for place in range(clients)]
        try:
            _ask(crowd, pause)
        finally:
            for client in crowd:
                client.close()
        begun = max(client.times[0][0] for client in crowd)
        ended = min(client.times[-1][1] for client in crowd)
        times = [pair for client in crowd for pair in client.times]
        between = sum(begun < end <= ended for _, end in times)
        return cls(spent=[end - begin for begin, end in times], rate=between / (ended - begun))

    @property
    def p95(self) -> float:
        """Seconds that 19 of 20 answers took at most."""
        return quantiles(self.spent, n=20)[-1]


class _Client:
    """A client with a connection of its own.

    Parameters
    ----------
    paths
        What it asks for, one after another.
    """

    def __init__(self, address: str, paths: list[str]) -> None:
        parts = urlsplit(address)
        self._host, self._paths = parts.netloc, iter(paths)
        self._socket = socket.create_connection((str(parts.hostname), parts.port))
        self._begun = 0.0
        self.times: list[tuple[float, float]] = []
        """When it asked, and had each answer."""

    def fileno(self) -> int:
        """Descriptor of the connection, for a selector."""
        return self._socket.fileno()

    def ask(self) -> bool:
        """Ask for the next path; whether there was one."""
        path = next(self._paths, None)
        if path is not None:
            self._begun = time.perf_counter()
            self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        return path is not None

    def read(self) -> None:
        """Read an answer, of which some is here, to its end.

        Raises
        ------
        SystemExit
            When it is not a 200, or breaks off.
        """
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = self._socket.recv(_PIECE)
            if not piece:
                raise SystemExit(f"an answer broke off after {answer!r}")
            answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        left = _length(head) - len(body)
        # The rest is on its way: to wait for all of it takes less than to look at each piece.
        if left and len(self._socket.recv(left, socket.MSG_WAITALL)) < left:
            raise SystemExit(f"an answer broke off after {head!r}")
        self.times.append((self._begun, time.perf_counter()))

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _length(head: bytes) -> int:
    """Bytes of the body behind a head, which has to be that of a 200."""
    first, *fields = head.lower().split(b"\r\n")
    lengths = [field[15:] for field in fields if field.startswith(b"content-length:")]
    if b" 200 " not in first or not lengths:
        raise SystemExit(f"an answer was {head!r}")
    return int(lengths[0])


def _ask(crowd: list[_Client], pause: float) -> None:
    """Let clients ask for all that they have, each after a pause behind its last answer."""
    begun, asking = time.perf_counter(), 0
    due = [(begun + pause * place / len(crowd), place) for place in range(len(crowd))]
    with DefaultSelector() as selector:
        for place, client in enumerate(crowd):
            selector.register(client, EVENT_READ, place)
        while due or asking:
            while due and due[0][0] <= time.perf_counter():
                asking += crowd[heappop(due)[1]].ask()
            patience = due[0][0] - time.perf_counter() if due else _PATIENCE_SECONDS * bool(asking)
            answers = selector.select(max(patience, 0))
            if asking and not (due or answers):
                raise SystemExit(f"no answer came in {_PATIENCE_SECONDS:g} s")
            for key, _ in answers:
                crowd[key.data].read()
                asking -= 1
                heappush(due, (time.perf_counter() + pause, key.data))

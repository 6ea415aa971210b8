"""Deadlines: how long the work on a request may take, counted from its complete arrival."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import Flask, g, has_request_context, request
from werkzeug.exceptions import ClientDisconnected

from service.web.problems.problems import Refusal

_own = threading.local()


class Deadline:
    """Time that an answer has taken, and time when it has to stop.

    Parameters
    ----------
    limit
        Seconds from the beginning.
    gone
        Function whether the client has left; may be called in any thread.
    begun
        Beginning on the monotonic clock; by default, now.
    """

    def __init__(
        self,
        limit: float,
        gone: Callable[[], bool] = lambda: False,
        *,
        begun: float | None = None,
    ) -> None:
        self.limit, self.gone = limit, gone
        self._begun = time.monotonic() if begun is None else begun

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    def check(self) -> None:
        """End the work when its time is over, or its client has left.

        Raises
        ------
        ClientDisconnected
            When the client has left.
        Refusal
            With status 503.
        """
        self.check_time()
        if self.gone():
            raise ClientDisconnected

    def check_time(self) -> None:
        """End the work when its time is over.

        Raises
        ------
        Refusal
            With status 503.
        """
        if self.passed > self.limit:
            remedy = "The answer takes longer than is allowed here: ask for less, such as a smaller"
            remedy += " slack or fewer ends. Corridors may take longer as a job: POST it as a job."
            raise Refusal(503, "time", f"{self.limit:g} s", remedy, {"Retry-After": "10"})


@contextmanager
def counted_from(moment: float) -> Iterator[None]:
    """In the block, count the time of this thread's request from a moment.

    Parameters
    ----------
    moment
        On the monotonic clock.
    """
    _own.begun = moment
    try:
        yield
    finally:
        _own.begun = None


def register_clocks(app: Flask, limit: float) -> None:
    """Give every request a clock.

    Parameters
    ----------
    app
        The application.
    limit
        Seconds.
    """
    app.before_request(partial(_begin, limit))


def _begin(limit: float) -> None:
    # gunicorn gives the socket under this key; other servers do not.
    gone = partial(hung_up, request.environ.get("gunicorn.socket"))
    g.clock = Deadline(limit, gone, begun=getattr(_own, "begun", None))


def clock() -> Deadline:
    """The clock of the request that is answered here."""
    own = g.clock
    assert isinstance(own, Deadline)
    return own


def check() -> None:
    """End the work on the request that is answered here, if any, when its time is over.

    Call this before each step of more than some milliseconds. It does not check whether the client
    has left, because a client that has only finished sending looks the same.

    Raises
    ------
    Refusal
        With status 503.
    """
    if has_request_context() and "clock" in g:
        clock().check_time()


def hung_up(sock: socket.socket | None) -> bool:
    """Whether the other end of a connection is known to be closed."""
    if sock is None:
        return False
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    try:
        return bool(waiting.poll(0)) and not sock.recv(1, socket.MSG_PEEK)
    except OSError:
        return True

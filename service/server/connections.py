"""Connections: requests are read completely before a thread answers them.

A thread that waits for a slow client answers no other client; some dozens of slow clients would
block a service. Here the loop of a process gathers what clients send, however slowly, and threads
get only complete requests.

A connection stays with the process that accepted it, so processes with fewer connections accept new
ones first: otherwise some clients would wait while a processor is idle.

This overrides private parts of gunicorn's `ThreadWorker`, because none of gunicorn's workers waits
for a complete request before a thread takes it. nginx in front would gather requests, but the
service has to stand up to slow clients without it, as on a laptop or in a container; an
asynchronous worker would gather them too, but has its threads share one loop with computations of
seconds. `docs/running-nginx.md` has what was measured with nginx and without, and
`tests/service/server/` shows what a new gunicorn breaks.
"""

from __future__ import annotations

import logging
import math
import socket
import struct
import threading
import time
from array import array
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial, wraps
from mmap import mmap
from selectors import EVENT_READ
from typing import Any, Concatenate, ParamSpec

from gunicorn.workers.gthread import TConn, ThreadWorker

from service.server.partial_request import Gathered, PartialRequest
from service.server.refusals import refuse
from service.web.deadline import counted_from
from service.web.logs.in_hand import RequestsInHand
from service.web.metrics.metrics import count_broken

MOST_PLACES = 320
"""Number of places for processes: the largest number of processes, and some that are ending."""
MOST_GATHERED_BYTES = 64 << 20
"""Largest number of bytes of unanswered requests in a process."""
_SMALL = 16 * 1024
"""A request up to this size is always accepted, because most have no body."""
PATIENCE_SECONDS = 20.0
"""Seconds in which a request has to arrive, and a client has to take each piece of an answer."""

PARTING_SECONDS = 10.0
"""Seconds that clients have to read an answer before their connection is closed."""
_MOST_DRAINED = 8 << 20
"""Most bytes that are still read after an answer, and dropped: a client that is cut off while it
sends a body that is too long may never see why."""

logger = logging.getLogger("vereda.access")
_PIECE = 64 * 1024
_PATIENCE = struct.pack("ll", round(PATIENCE_SECONDS), 0)
"""The same in the form that the system takes."""

_AFTER_YOU_SECONDS, _LOOK_SECONDS = 0.05, 0.002
"""How long a process leaves a new connection to those that have fewer, which may have to wait for
a processor, and how often it looks whether one of them has taken it."""
_STUCK_SECONDS = 3.0
"""Seconds after which a process without a sign of life counts as unable to accept; an idle one
gives a sign each second."""
_FREE = -1
_P = ParamSpec("_P")


class Shares:
    """Number of open connections of each process, in memory that all processes share.

    Parameters
    ----------
    most
        Largest number of processes; further ones are not counted.
    """

    def __init__(self, most: int) -> None:
        self._counts = memoryview(mmap(-1, most * struct.calcsize("i"))).cast("i")
        self._counts[:] = array("i", [_FREE] * most)
        self._stirred = memoryview(mmap(-1, most * struct.calcsize("d"))).cast("d")

    def take(self) -> int | None:
        """Reserve a place for a process before it is forked."""
        free = [place for place, count in enumerate(self._counts) if count == _FREE]
        if not free:
            return None
        self._counts[free[0]] = 0
        self.stir(free[0])
        return free[0]

    def free(self, place: int | None) -> None:
        """Free the place of a process that has ended."""
        self.tell(place, _FREE)

    def tell(self, place: int | None, count: int) -> None:
        """Set the number of open connections of a process."""
        if place is not None:
            self._counts[place] = count

    def stir(self, place: int | None) -> None:
        """Note that a process can accept connections now."""
        if place is not None:
            self._stirred[place] = time.monotonic()

    def above_least(self, place: int | None) -> bool:
        """Whether another process has fewer connections and can accept more."""
        lately = time.monotonic() - _STUCK_SECONDS
        return place is not None and any(
            _FREE < count < self._counts[place] and self._stirred[other] > lately
            for other, count in enumerate(self._counts)
        )


def _on_its_own(
    step: Callable[Concatenate[PatientWorker, TConn, _P], None],
) -> Callable[Concatenate[PatientWorker, TConn, _P], None]:
    """Let a step of the loop end the connection that it fails on, and no other."""

    @wraps(step)
    def careful(
        worker: PatientWorker, conn: TConn, /, *others: _P.args, **options: _P.kwargs
    ) -> None:
        try:
            step(worker, conn, *others, **options)
        except Exception:
            worker.give_up(conn)

    return careful


class PatientWorker(ThreadWorker):
    """A process of gunicorn whose loop gathers complete requests for its threads."""

    shares = Shares(most=MOST_PLACES)
    hands: RequestsInHand
    """What processes have in hand; made before the first one."""
    gathered_bytes = 0
    """Bytes of unanswered requests in this process."""
    body_limit = 1 << 20
    """Largest size of a body in bytes: longer ones are refused before they have arrived."""

    limit_seconds = 30.0
    """Seconds that a complete request waits for a thread."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        self.place = self.shares.take()
        # Data of each thread about the request that it answers.
        self._own = threading.local()
        # Times when a new connection was first left to other processes, and last checked.
        self._first_look = self._last_look = -math.inf
        # Requests that wait for a thread, in order of arrival.
        self.handed: dict[TConn, Future[Any]] = {}
        # Connections that are answered and about to close, in order.
        self.parting: dict[TConn, int] = {}
        try:
            super().__init__(*positional, **named)
        except OSError:
            # There was no room on the disk for the file that gives signs of life.
            self.shares.free(self.place)
            raise

    @property
    def nr_conns(self) -> int:
        """Number of open connections, for gunicorn."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = count
        self.shares.tell(self.place, count)

    def accept(self, listener: socket.socket) -> None:
        """Accept a new connection, or leave it for a moment to processes with fewer connections.

        Until some process accepts it, the loop returns here, after its other work.
        """
        now = time.monotonic()
        if now > self._last_look + _AFTER_YOU_SECONDS:
            # This connection differs from the one that was checked last.
            self._first_look = now
        self._last_look = now
        if now <= self._first_look + _AFTER_YOU_SECONDS and self.shares.above_least(self.place):
            time.sleep(_LOOK_SECONDS)
            return
        self._last_look = -math.inf
        super().accept(listener)

    def notify(self) -> None:
        """Give a sign of life to gunicorn's master and to the other processes."""
        super().notify()
        self.shares.stir(self.place)

    @_on_its_own
    def enqueue_req(self, conn: TConn) -> None:
        """Handle a connection that is new or has data to read."""
        if not hasattr(conn, "gathered"):
            conn.gathered, conn.encouraged = PartialRequest(), 0.0
            # gunicorn has no time limits of its own on some reads and writes.
            for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                conn.sock.setsockopt(socket.SOL_SOCKET, which, _PATIENCE)
        if conn.parser is not None:
            # Data after the last request were read from the socket already.
            conn.gathered += conn.parser.unreader.take_buffered()
        conn.timeout = time.monotonic() + PATIENCE_SECONDS
        conn.sock.setblocking(False)
        self._gather(conn, conn.sock, waiting=False)

    @_on_its_own
    def _gather(self, conn: TConn, sock: socket.socket, *, waiting: bool = True) -> None:
        """Read available data; hand the request to a thread, or wait for more data."""
        ended = False
        try:
            while not ended and not conn.gathered.complete(most=self.body_limit):
                piece = sock.recv(_PIECE)
                conn.gathered += piece
                ended = not piece
                if self._too_much(conn):
                    ended = True
                    self._turn_away(conn)
            if conn.gathered.refusal:
                ended = True
                self._turn_away(conn, conn.gathered.refusal)
        except (BlockingIOError, InterruptedError):
            _encourage(conn, sock)
            self._count(conn, len(conn.gathered))
            if not waiting:
                self.pending_conns.append(conn)
                self.poller.register(sock, EVENT_READ, partial(self._gather, conn))
            return
        except OSError:
            conn.gathered.clear()
            ended = True
        # It is held until it is answered.
        self._count(conn, len(conn.gathered))
        if waiting:
            self.poller.unregister(sock)
            self.pending_conns.remove(conn)
        if ended and not conn.gathered:
            self._part(conn)
            return
        self._hand_on(conn)

    def _count(self, conn: TConn, count: int) -> None:
        """Count the bytes of a request from now on."""
        self.gathered_bytes += count - getattr(conn, "counted", 0)
        conn.counted = count

    def murder_pending(self) -> None:
        """End connections whose request has not arrived in time."""
        now = time.monotonic()
        late = [conn for conn in self.pending_conns if conn.timeout <= now]
        super().murder_pending()
        for conn in late:
            self._count(conn, 0)
        self._turn_overdue_away()
        for conn in [conn for conn in self.parting if conn.timeout <= now]:
            self._leave(conn)

    @_on_its_own
    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Close or keep the connection of a request that is answered."""
        self._count(conn, 0)
        if self.handed.pop(conn, None) is None:
            # It was given up meanwhile.
            return
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
        else:
            self._part(conn)

    def _part(self, conn: TConn) -> None:
        """Close a connection once its client has received the answer (RFC 9112, 9.6).

        gunicorn would wait for this in the loop, which serves no other client meanwhile.
        """
        conn.timeout = time.monotonic() + PARTING_SECONDS
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
        else:
            self.parting[conn] = _MOST_DRAINED

    @_on_its_own
    def _drain(self, conn: TConn, sock: socket.socket) -> None:
        """Read and drop what a client still sends; close when it ends, or is too much."""
        try:
            read = len(sock.recv(_PIECE))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            read = 0
        self.parting[conn] -= read
        if not read or self.parting[conn] < 0:
            self._leave(conn)

    def _leave(self, conn: TConn) -> None:
        self.parting.pop(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def give_up(self, conn: TConn) -> None:
        """Close a connection whose handling has failed, whatever it waits for."""
        logger.exception("a connection is closed, as it cannot be handled")
        count_broken(self.wsgi)
        self._count(conn, 0)
        self.handed.pop(conn, None)
        self.parting.pop(conn, None)
        for waiting in (self.pending_conns, self.keepalived_conns):
            with suppress(ValueError):
                waiting.remove(conn)
        with suppress(OSError, ValueError, KeyError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _too_much(self, conn: TConn) -> bool:
        """Whether unanswered requests use more bytes than this process allows."""
        more = len(conn.gathered) - getattr(conn, "counted", 0)
        return self.gathered_bytes + more > MOST_GATHERED_BYTES and len(conn.gathered) > _SMALL

    def _turn_away(self, conn: TConn, status: int = 503) -> None:
        """Refuse an incomplete request, or one that has waited for too long."""
        logger.info("refused before it was read: %d", status)
        refuse(conn.sock, status, conn.gathered.head, self.wsgi)
        conn.gathered.clear()

    def _hand_on(self, conn: TConn) -> None:
        """Give a request to a thread."""
        conn.arrived = time.monotonic()
        self.handed[conn] = self.tpool.submit(self.handle, conn)
        done: Callable[[Any], None] = partial(self._done, conn)
        self.handed[conn].add_done_callback(done)

    def _turn_overdue_away(self) -> None:
        """Refuse requests that have waited for a thread for too long."""
        overdue = time.monotonic() - self.limit_seconds
        for conn, task in list(self.handed.items()):
            if conn.arrived > overdue:
                break
            # Once it is cancelled, no thread takes it up any more.
            if task.cancel():
                self._turn_away(conn)

    def _done(self, conn: TConn, task: Any) -> None:
        self.method_queue.defer(self.finish_request, conn, task)

    def handle(self, conn: TConn) -> Any:
        """Answer a complete request, in a thread."""
        conn.data_ready = True
        conn.init()
        self._own.head = conn.gathered.head
        # Read from the socket, it would hold the thread for as long as its client likes.
        conn.parser.unreader = Gathered(conn.gathered)
        conn.gathered = PartialRequest()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer, with a time limit for clients that do not read the answer."""
        conn.sock.settimeout(PATIENCE_SECONDS)
        # The loop has sent 100 Continue already: gunicorn would send it again, and wait for a
        # client that does not read.
        req._expected_100_continue = False
        line = f"{req.method} {req.uri}"
        with self.hands.holding(self.place, line), counted_from(conn.arrived):
            return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Refuse what is no HTTP like everything else, as a problem or a page."""
        kind = type(exc).__name__
        status = {"LimitRequestLine": 414, "LimitRequestHeaders": 431, "ExpectationFailed": 417,
                  "UnsupportedTransferCoding": 501}.get(kind, 400)  # fmt: skip
        if not type(exc).__module__.startswith("gunicorn.http"):
            status = 500
            self.log.error("a request failed outside of the application", exc_info=exc)
        logger.info("refused before it was read whole: %d %s", status, kind)
        client.settimeout(PATIENCE_SECONDS)
        refuse(client, status, self._own.head, self.wsgi)


def _encourage(conn: TConn, sock: socket.socket) -> None:
    """Send ``100 Continue`` once to a client that waits for it before it sends the body."""
    if conn.encouraged != conn.timeout and conn.gathered.expecting:
        conn.encouraged = conn.timeout
        # One that is gone, or does not read, gets none; it is closed when its time is over.
        with suppress(OSError):
            sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

"""Put first on a process's path, it refuses what leaves this machine, and notes what was tried.

The file that `VEREDA_TEST_SOCKETS` names gets a line for each host that is asked.
"""

import os
import socket

_LOOPBACK = ("127.0.0.1", "::1", "localhost", None, "")


def _watched(function, host_of):
    def call(*args, **options):
        host = host_of(*args, **options)
        with open(os.environ["VEREDA_TEST_SOCKETS"], "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{host}\n")
        if host not in _LOOPBACK:
            raise OSError(f"{host} is not this machine")
        return function(*args, **options)

    return call


class _Watched(socket.socket):
    connect = _watched(socket.socket.connect, lambda _, address: address[0])
    connect_ex = _watched(socket.socket.connect_ex, lambda _, address: address[0])
    sendto = _watched(socket.socket.sendto, lambda _, __, *rest: rest[-1][0])


socket.socket = _Watched
for _name in ("getaddrinfo", "gethostbyname"):
    setattr(socket, _name, _watched(getattr(socket, _name), lambda host, *_, **__: host))

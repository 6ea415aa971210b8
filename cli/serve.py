"""``vereda serve``: a network and a result over HTTP."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import click

from cli.session import Session


@click.command()
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Directory that `vereda build` wrote.")  # fmt: skip
@click.option("--result", type=click.Path(path_type=Path), default=None,
              help="Result directory to be served; `out` when that is one.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
              help="Port to listen at; 0 takes a free one.")  # fmt: skip
@click.pass_obj
def serve(session: Session, *, network: Path, result: Path | None, host: str, port: int) -> None:
    """Serve layers, results and live corridors to QGIS and web pages.

    \b
    Example:
      vereda serve --network network --result out --port 8000
    """
    from werkzeug.serving import make_server

    from service.app import create_app
    from service.settings import Settings, default_result

    listener = listen(host, port)
    session.progress("reading the network")
    settings = Settings(network=network, result=result or default_result())
    app = create_app(settings)
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    listener.close()
    url = f"http://{f'[{host}]' if ':' in host else host}:{server.port}/"
    held = settings.result or "no result"
    session.show(
        {"url": url, "network": str(network), "result": str(settings.result or "")},
        [f"Serving {network} and {held} at {url} (stop with Ctrl+C)."],
    )
    # A shell that starts us in the background has us ignore Ctrl+C; service managers terminate.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # Returns at either, with the socket closed.
    server.serve_forever()
    session.say("Stopped.")


def listen(host: str, port: int) -> socket.socket:
    """Open a socket before the long work, so that a taken port is told at once.

    Raises
    ------
    InputError
        When the address cannot be listened at.
    """
    from geodata.errors import InputError

    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        remedy = f"It cannot be listened at ({error.strerror}); choose another --host or --port."
        raise InputError("port", f"{host}:{port}", remedy) from error

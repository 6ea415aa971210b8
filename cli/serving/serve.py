"""``vereda serve`` and ``vereda work``: a network and a result over HTTP, and its jobs."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from cli.shell.arguments import Finite
from cli.shell.console import Session
from service.server.scratch import scratch
from service.state import Settings

_READ_ONLY = (
    "Other machines may only read: there are no tokens. To let them compute, make some with "
    "`vereda token add` and start with --tokens FILE."
)
_OF_JOBS = re.compile(r"(jobs|queue)\.db.*|results(/[0-9a-f]{16})?|lost\+found|(results/)?\..*")
"""What is in a directory of jobs whose records were lost or moved, or on a disk of its own."""
_KINDS = {"int": click.INT, "float": Finite(), "str": click.STRING}


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every setting."""
    for setting in reversed(fields(Settings)):
        description = setting.metadata["description"]
        shown = "" if setting.default in (None, "", ()) else f"  [default: {setting.default}]"
        kind = _KINDS.get(str(setting.type)) or click.Path(path_type=Path)
        option = f"--{setting.name.replace('_', '-')}"
        many = str(setting.type).startswith("tuple")
        command = click.option(option, setting.name, type=kind, default=None, multiple=many,
                               help=f"{description}{shown}")(command)  # fmt: skip
    config = click.Path(path_type=Path, dir_okay=False)
    return click.option("--config", type=config, default=None,
                        help="TOML file of settings; options and VEREDA_* variables go before "
                             "it.")(command)  # fmt: skip


@click.command("serve")
@setting_options
@click.pass_obj
def serve_command(session: Session, /, *, config: Path | None, **options: Any) -> None:
    """Serve layers, results, live corridors and jobs to QGIS and web pages.

    \b
    Examples:
      vereda serve --network network --result out --port 8000
      vereda serve --result out --result strengthened
      vereda serve --workers 4 --host 0.0.0.0 --tokens tokens.json
    """
    settings = _gather(options, config)
    with listen(settings.host, settings.port) as listener, scratch():
        _serve(session, settings, listener)
    session.say("Stopped.")


def _serve(session: Session, settings: Settings, listener: socket.socket) -> None:
    from service.app import create_app
    from service.server.gunicorn import Server

    _make_ready(session, settings)
    app = create_app(settings)
    _, port, *_ = listener.getsockname()
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{shown}:{port}/"
    results = [str(each) for each in settings.result]
    served = ", ".join(results) or "no result"

    def listening() -> None:
        session.show(
            {"url": url, "network": str(settings.network), "result": results},
            [f"Serving {settings.network} and {served} at {url} (stop with Ctrl+C)."],
        )
        if not settings.loopback and not settings.tokens:
            session.say(_READ_ONLY)

    session.progress("making ready what processes share")
    Server(app, settings, listener, listening=listening).run()


@click.command("work")
@setting_options
@click.pass_obj
def work_command(session: Session, /, *, config: Path | None, **options: Any) -> None:
    """Work on the jobs of a service that runs elsewhere, with the same directory of jobs.

    \b
    Example:
      vereda work --network network --jobs jobs
    """
    from geodata.network.store import load_network
    from routes.router import Router
    from service.jobs.worker import Worker

    settings = _gather(options, config)
    _make_ready(session, settings)
    worker = Worker(Router(load_network(settings.network)), settings)
    session.say(f"Working on the jobs in {settings.jobs} (stop with Ctrl+C).")
    worker.run()
    session.say("Stopped.")


def _gather(options: dict[str, Any], config: Path | None) -> Settings:
    """Settings with which a service or a worker can begin, checked before any work."""
    from service.state.redis_addresses import check_address

    settings = Settings.gather(options, config=config)
    check_address("queue", settings.queue)
    check_address("counters", settings.counters)
    return settings


def _make_ready(session: Session, settings: Settings) -> None:
    """Set up logs and check jobs and queue, before the network is read."""
    from service.jobs.queue import open_queue
    from service.jobs.records import JobRecords
    from service.web.logs.logs import set_up_logs

    set_up_logs(settings)
    # Files made from here on, caches and temporary ones too, are for their owner only.
    os.umask(0o077)
    check_jobs(settings.jobs)
    # A queue that cannot be used is refused now, and not at the first job.
    open_queue(settings, JobRecords(settings.jobs))
    session.progress("reading the network")


def check_jobs(directory: Path) -> None:
    """Refuse a directory that cannot be one of jobs, or whose records cannot be read.

    Raises
    ------
    InputError
        When it cannot be written to, or holds something else.
    DataError
        When the records cannot be read.
    """
    from geodata.errors import InputError
    from service.access.privacy import private_directory, tighten_files
    from service.jobs.records import JobRecords

    try:
        _check_kind(directory)
        private_directory(directory, field="jobs")
        tighten_files(directory, "jobs.db*", "queue.db*", field="jobs")
        private_directory(directory / "results", field="jobs")
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        remedy = f"It cannot be written to ({error.strerror}); name another with --jobs."
        raise InputError("jobs", str(directory), remedy) from error
    JobRecords(directory).check()


def _check_kind(directory: Path) -> None:
    """Refuse a directory of something else before it is closed to all but its owner.

    Raises
    ------
    InputError
        When it has no records of jobs, and holds what jobs do not make.
    """
    from geodata.errors import InputError

    if not directory.is_dir() or (directory / "jobs.db").exists():
        return
    results = directory / "results"
    for path in [*directory.iterdir(), *(results.iterdir() if results.is_dir() else ())]:
        if not _OF_JOBS.fullmatch(path.relative_to(directory).as_posix()):
            remedy = f"It is no directory of jobs: it holds {path.name}. Name another one."
            raise InputError("jobs", str(directory), remedy)


def listen(host: str, port: int) -> socket.socket:
    """Open a socket before the long work, so that a taken port is told at once.

    Raises
    ------
    InputError
        When the address cannot be listened at.
    """
    from geodata.errors import InputError

    try:
        host.encode("idna")
    except UnicodeError as error:
        raise InputError("host", host, "It is no name of a machine.") from error
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        remedy = f"It cannot be listened at ({error.strerror}); choose another --host or --port."
        raise InputError("port", f"{host}:{port}", remedy) from error

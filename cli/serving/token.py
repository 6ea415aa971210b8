"""``vereda token``: who may ask a service that others can reach."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cli.shell.arguments import Finite
from cli.shell.console import Session, table


def file_option(command: Any) -> Any:
    """The option that names the file of tokens."""
    return click.option(
        "--tokens", "path", type=click.Path(path_type=Path, dir_okay=False),
        default=Path("tokens.json"), envvar="VEREDA_TOKENS", show_default=True,
        help="File of tokens, as `vereda serve --tokens` reads it.",
    )(command)  # fmt: skip


@click.group("token")
def token_group() -> None:
    """Make, list and revoke the tokens of a service.

    \b
    Example:
      vereda token add --scopes read,compute --expires 90 "Ministry desk"
      vereda serve --host 0.0.0.0 --tokens tokens.json
    """


@token_group.command()
@click.argument("name")
@click.option("--scopes", default="read", show_default=True,
              help="Some of read, compute, admin, with commas between.")  # fmt: skip
@click.option("--expires", type=Finite(), default=90, show_default=True, metavar="DAYS",
              help="Days after which it is no longer good.")  # fmt: skip
@file_option
@click.pass_obj
def add(session: Session, *, name: str, scopes: str, expires: float, path: Path) -> None:
    """Make a token and print it, once: only its hash is kept."""
    from service.access import tokens

    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    made, text = tokens.add(path, name, scopes=wanted, days=expires)
    last = _day(made.expires)
    record = {"token": text, "name": made.name, "scopes": made.scopes, "expires": last}
    line = f"Good for {' and '.join(made.scopes)} until {last}; kept in {path}."
    session.show(record, [text, line, "It is not shown again. Send it as: Authorization: Bearer"])


@token_group.command("list")
@file_option
@click.pass_obj
def listing(session: Session, *, path: Path) -> None:
    """List tokens; what they are is not kept."""
    from geodata.errors import InputError
    from service.access.tokens import read_tokens

    if not path.exists():
        remedy = (
            "There is no such file: name that of the service, or make it with vereda token add."
        )
        raise InputError("tokens", str(path), remedy)
    rows = [
        {"id": each.id, "name": each.name, "scopes": ",".join(each.scopes),
         "made": _day(each.created), "expires": _day(each.expires)}
        for each in read_tokens(path)
    ]  # fmt: skip
    header = ["id", "name", "scopes", "made", "expires"]
    lines = table(header, [list(row.values()) for row in rows]) if rows else ["There are none."]
    session.show({"tokens": rows}, lines)


@token_group.command()
@click.argument("name")
@file_option
@click.pass_obj
def revoke(session: Session, *, name: str, path: Path) -> None:
    """Revoke a token by its name or id; running services refuse it from now on."""
    from service.access import tokens

    gone = tokens.revoke(path, name)
    session.show({"revoked": gone.name}, [f"{gone.name} is revoked."])


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()

"""`docs/commands.md`, made of what the commands say of themselves.

python -m tests.support.commands_page > docs/commands.md
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

import click

from cli.main import vereda

HEAD = """# Commands

Every command and option of `vereda`, as `--help` tells them. Exit codes: 0 done, 2 wrong input,
3 unusable data, 4 no path, 5 a file or a disk that fails, 70 a fault of Vereda,
130 stopped by Ctrl+C.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section for section in sections("vereda", vereda))])


def sections(name: str, command: click.Command) -> Iterator[str]:
    """A section for each command below one, and for itself."""
    yield f"## {name}\n\n{_description(command)}{_options(command)}"
    for each, below in getattr(command, "commands", {}).items():
        yield from sections(f"{name} {each}", below)


def _description(command: click.Command) -> str:
    text, _, example = (command.help or "").partition("\b\n")
    lines = " ".join(text.split())
    return f"{lines}\n" + (f"\n```\n{dedent(example).strip()}\n```\n" if example else "")


def _options(command: click.Command) -> str:
    context = click.Context(command)
    rows = [record for each in command.get_params(context)
            if (record := each.get_help_record(context)) and "--help" not in record[0]]  # fmt: skip
    if not rows:
        return ""
    cells = "\n".join(f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows)
    return f"\n| option | what it says |\n|---|---|\n{cells}\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    print(page(), end="")

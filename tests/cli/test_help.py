"""The command line answers at once and shows examples."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from cli.main import vereda

HEAVY = ("numpy", "pandas", "geopandas", "numba", "scipy", "matplotlib", "flask", "rasterio")


def test_help_loads_nothing_heavy():
    """What keeps `vereda --help` under 0.4 s; a clock would only measure the machine."""
    code = (
        "import sys\nfrom cli.main import run\n"
        "try:\n    run(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", sorted(vereda.commands))
def test_every_command_shows_an_example(command):
    shown = CliRunner().invoke(vereda, [command, "--help"])
    assert shown.exit_code == 0
    lines = [line.strip() for line in shown.output.splitlines()]
    assert {"Example:", "Examples:"} & set(lines)
    assert any(line.startswith(f"vereda {command}") for line in lines)

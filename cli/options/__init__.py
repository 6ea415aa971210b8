"""Options that several commands have: the flow, its network, and where results go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.options.examples import show_examples
    from cli.options.flow_file import (
        FlowFile,
    )
    from cli.options.flow_options import FlowOptions, read_endpoints, read_profile
    from cli.options.outputs import check_apart, check_directory, check_outputs

__all__ = [
    "FlowFile",
    "FlowOptions",
    "check_apart",
    "check_directory",
    "check_outputs",
    "read_endpoints",
    "read_profile",
    "show_examples",
]

__getattr__, __dir__ = offer(__name__)

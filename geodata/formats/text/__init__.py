"""Text files of settings and records: TOML, JSON and XML, each within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.formats.text.json_file import write_json, write_text
    from geodata.formats.text.toml import DEEPEST, SUFFIX, is_deeper, parse_toml, read_toml
    from geodata.formats.text.toml_lines import key_lines, line_of
    from geodata.formats.text.xml_file import DoctypeError, XmlError, feed, new_parser, root_of

__all__ = [
    "DEEPEST",
    "SUFFIX",
    "DoctypeError",
    "XmlError",
    "feed",
    "is_deeper",
    "key_lines",
    "line_of",
    "new_parser",
    "parse_toml",
    "read_toml",
    "root_of",
    "write_json",
    "write_text",
]

__getattr__, __dir__ = offer(__name__)

"""XML without a document type, whose entities make a small file large and name other files."""

from __future__ import annotations

from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from geodata.errors import VeredaError


class XmlError(ValueError):
    """A text that is not XML: it breaks off, or has an unknown encoding."""


class DoctypeError(XmlError):
    """The text has a document type."""


def new_parser(*, namespace_separator: str | None = None) -> expat.XMLParserType:
    """A parser with handlers, to be used by `feed`."""
    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> NoReturn:
    raise DoctypeError("document type")


def feed(parser: expat.XMLParserType, block: bytes, *, end: bool = False) -> None:
    """Parse the next block of a text.

    Raises
    ------
    XmlError
        When the text is not XML, or has a document type.
    VeredaError
        Errors of handlers.
    """
    try:
        parser.Parse(block, end)
    except (VeredaError, XmlError):
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlError(str(error)) from error


def root_of(content: bytes) -> Element:
    """The root of a text.

    Raises
    ------
    XmlError
        As `feed`.
    """
    feed(new_parser(), content, end=True)
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise XmlError(str(error)) from error

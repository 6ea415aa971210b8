"""GraphML as osmnx writes it, read as a stream: a graph of a country takes no tree of XML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geodata.errors import DataError
from geodata.formats.text.xml_file import DoctypeError, XmlError, feed, new_parser
from geodata.sources.fetched.pages import refuse_page
from geodata.sources.osmnx.street_graph import StreetGraph

SUFFIX = ".graphml"
_AGAIN = "Save it again with osmnx.save_graphml, or fetch it again."
_BLOCK = 1 << 20


def read_graphml(path: Path) -> StreetGraph:
    """The graph of a file.

    Raises
    ------
    DataError
        When the file is not GraphML, is cut off, or has no graph of nodes with positions.
    """
    if not path.is_file():
        raise DataError("GraphML file", str(path), "There is no such file.")
    reading = _GraphReading(path)
    with path.open("rb") as file:
        beginning = file.read(_BLOCK)
        if not beginning.strip():
            raise DataError(str(path), "an empty file", _AGAIN)
        refuse_page(path, beginning)
        reading.feed(beginning)
        while block := file.read(_BLOCK):
            reading.feed(block)
        reading.feed(b"", end=True)
    if not reading.seen_graph:
        raise DataError(str(path), "no graph", f"It is no GraphML. {_AGAIN}")
    return reading.graph


@dataclass
class _Element:
    """A graph, node or edge, and its data so far."""

    tag: str
    names: Mapping[str, str]
    data: dict[str, str] = field(default_factory=dict)


class _GraphReading:
    """What has been read so far."""

    def __init__(self, path: Path) -> None:
        self.graph = StreetGraph(str(path))
        self.seen_graph = False
        self._path = path
        self._names: dict[str, str] = {}
        self._open: list[_Element] = []
        self._key: str | None = None
        self._text: list[str] = []
        self._parser = parser = new_parser(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take

    def feed(self, block: bytes, *, end: bool = False) -> None:
        try:
            feed(self._parser, block, end=end)
        except DoctypeError:
            remedy = "It has a document type; take it out."
            raise DataError(str(self._path), "DOCTYPE", remedy) from None
        except XmlError as error:
            remedy = f"It is cut off or broken. {_AGAIN}"
            raise DataError(str(self._path), str(error), remedy) from error

    def _start(self, tag: str, names: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "key":
            self._names[names.get("id", "")] = names.get("attr.name", names.get("id", ""))
        elif tag == "data":
            self._key, self._text = self._names.get(names.get("key", ""), ""), []
        elif tag in ("graph", "node", "edge"):
            if tag == "graph":
                self.seen_graph = True
                self.graph.directed = names.get("edgedefault", "directed") != "undirected"
            self._open.append(_Element(tag, names))

    def _take(self, text: str) -> None:
        if self._key is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "data":
            if self._key and self._open:
                self._open[-1].data[self._key] = "".join(self._text)
            self._key = None
        elif tag in ("graph", "node", "edge"):
            self._close(self._open.pop())

    def _close(self, element: _Element) -> None:
        names, data = element.names, element.data
        if element.tag == "node":
            self.graph.add_node(names.get("id", ""), data)
        elif element.tag == "edge":
            self.graph.add_edge(names.get("source", ""), names.get("target", ""), data)
        else:
            self.graph.attributes |= data

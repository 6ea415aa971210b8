"""An Overpass server on this machine, which answers from an extract; and one of Nominatim.

It reads of Overpass QL what osmnx asks: ways that have tags and lie in a polygon, with their nodes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import osmium
import shapely
from osmium.osm import NODE, WAY

STATUS = (
    "Connected as: 1\nCurrent time: 2026-11-27T00:00:00Z\nRate limit: 2\n\n2 slots available now.\n"
)
_WAYS = re.compile(r"""way((?:\["[^"]+"(?:(?:!?[=~])"[^"]*")?\])+)\(poly:['"]([-0-9. e]+)['"]\)""")
_TAG = re.compile(r'\["([^"]+)"(?:(!?[=~])"([^"]*)")?\]')


@dataclass
class Overpass:
    """What the server has, what it was sent, and how it answers.

    Parameters
    ----------
    place
        Polygon that any place has; none is known without one.
    status
        Answer to every query in place of one.
    """

    nodes: dict[int, dict[str, object]] = field(default_factory=dict)
    ways: dict[int, dict[str, object]] = field(default_factory=dict)
    place: shapely.Polygon | None = None
    status: int = 200
    requests: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    address: str = ""

    @property
    def interpreter(self) -> str:
        """As `VEREDA_OVERPASS_URL` has it."""
        return f"{self.address}/api"

    @property
    def nominatim(self) -> str:
        """As `VEREDA_NOMINATIM_URL` has it."""
        return f"{self.address}/"

    @classmethod
    def of(cls, extract: Path, box: tuple[float, float, float, float]) -> Overpass:
        """Ways of a file with a node in a box, and all nodes."""
        server, area = cls(), shapely.box(*box)
        shapely.prepare(area)
        for each in osmium.FileProcessor(str(extract), NODE | WAY):
            tags = {"tags": dict(each.tags)} if len(each.tags) else {}
            if each.is_node():
                place = {"lat": each.lat, "lon": each.lon}
                server.nodes[each.id] = {"type": "node", "id": each.id, **place, **tags}
            else:
                nodes = [node.ref for node in each.nodes]
                way = {"type": "way", "id": each.id, "nodes": nodes, **tags}
                if server._within(way, area):
                    server.ways[each.id] = way
        return server

    def answer(self, query: str) -> dict[str, object]:
        """Ways that a query is for, after their nodes."""
        ways: dict[int, dict[str, object]] = {}
        for filters, ring in _WAYS.findall(query):
            numbers = [float(number) for number in ring.split()]
            polygon = shapely.Polygon(list(zip(numbers[1::2], numbers[::2], strict=True)))
            shapely.prepare(polygon)
            ways |= {
                id_: way
                for id_, way in self.ways.items()
                if _fits(way.get("tags", {}), filters) and self._within(way, polygon)
            }
        used = sorted({node for way in ways.values() for node in way["nodes"]})
        nodes = [self.nodes[node] for node in used if node in self.nodes]
        return {"version": 0.6, "elements": [*nodes, *ways.values()]}

    def _within(self, way: dict[str, object], polygon: shapely.Polygon) -> bool:
        places = [self.nodes[node] for node in way["nodes"] if node in self.nodes]
        if len(places) < 2:
            return False
        return polygon.intersects(
            shapely.LineString([(place["lon"], place["lat"]) for place in places])
        )

    def find(self, name: str) -> list[dict[str, object]]:
        """What Nominatim has of a name."""
        if self.place is None:
            return []
        west, south, east, north = self.place.bounds
        return [
            {
                "place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "0", "lon": "0",
                "class": "boundary", "type": "administrative", "place_rank": 8, "importance": 0.5,
                "addresstype": "city", "name": name, "display_name": name,
                "boundingbox": [str(south), str(north), str(west), str(east)],
                "geojson": json.loads(shapely.to_geojson(self.place)),
            }
        ]  # fmt: skip


def _fits(tags: dict[str, str], filters: str) -> bool:
    for key, sign, value in _TAG.findall(filters):
        text = tags.get(key)
        if sign in ("", "=", "~") and text is None:
            return False
        if sign == "=" and text != value:
            return False
        matches = text is not None and re.search(value, text) is not None
        if (sign == "~" and not matches) or (sign == "!~" and matches):
            return False
        if sign == "!=" and text == value:
            return False
    return True


@contextmanager
def overpass(server: Overpass) -> Iterator[Overpass]:
    """Serve on a free port; the address is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            server.requests.append(parts.path)
            server.agents.add(self.headers.get("User-Agent", ""))
            if parts.path.endswith("/status"):
                self._send(STATUS.encode(), "text/plain")
            else:
                name = parse_qs(parts.query).get("q", [""])[0]
                self._send(json.dumps(server.find(name)).encode())

        def do_POST(self) -> None:
            server.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if server.status != 200:
                self._send(b"{}", status=server.status)
                return
            query = parse_qs(body)["data"][0]
            self._send(json.dumps(server.answer(query)).encode())

        def _send(self, body: bytes, kind: str = "application/json", *, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    server.address = f"http://127.0.0.1:{httpd.server_port}"
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()

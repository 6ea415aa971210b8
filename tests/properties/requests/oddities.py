"""What requests are made of, and what may be odd about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NUMBERS = (
    "0", "-1", "1", "2", "1e999", "-1e999", "nan", "NaN", "inf", "-0", "-0.0", "1_0", "0x10", "१२",
    "1e-320", "9" * 400, "1.7976931348623157e308", "5e-324", " 5 ", "+5", "5.", ".5", "²", "1,5",
    "2147483648", "9223372036854775808", "18446744073709551616", "1e5", "true", "null", "--1",
    "1-1",
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "a\0b", "\u0301", "Danlí", "Danli\u0301", "İ", "ß", "ﬃ", "\u202e", "\ufeff",
    "😀",
    "%", "%%", "%zz", "%2e", "'", '"', "`", "' OR 1=1 --", "../../etc/passwd", "..\\..", "{{7*7}}",
    "${jndi:ldap://x}", "<script>alert(1)</script>", "x" * 300, "x" * 5000, "\r\nX-Bad: 1", "*",
    ".",
    "..", "/", "//", "\\", ";", "#", "?", "&", "=", "a=b", "[]", "{}", "-", "+", ",", ",,", ":",
    "::",
    "http://[", "http://[::1", "http://%5B", "http://[]/x", "http://a:b/c", "//x", "urn:",
    "file:///x",
    "None", "null", "undefined", "true", "\x7f", "\x85", "\u2028", "١", "a" * 64 + "\u0301" * 500,
)  # fmt: skip
SYSTEMS = (
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/EPSG/0/4326",
    "http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326",
    "http://www.opengis.net/def/crs/EPSG/0/999999999999999999999", "[EPSG:4326]", "OGC:CRS84",
    "http://localhost/crs/borderlands", "http://[::1]:80/crs/borderlands",
    "http://[x/crs/borderlands",
    "https://user:pw@host:99999/crs/borderlands", "http:///crs/borderlands", "http://a:b:c/crs/x",
)  # fmt: skip
PLACES = ("Tela", "Tapachula", "San Pedro Sula", "Ocos", "-88.03,15.5", "ports:HN", "Nowhereville")
THINGS = ("Corinto", "sea", "HN", "GT-PE", "Izabal", "Nowhereville", "formal:corinto")
TIMES = (
    "2020-01-01", "../..", "2020-01-01/..", "..", "/", "2020-13-01", "2020-01-01T00:00:00Z",
    "2020-01-01T24:00:00Z", "0000-01-01", "9999-12-31T23:59:60Z", "2020-01-01T00:00:00+99:99",
    "2021-01-01/2020-01-01", "2020-01-01T00:00:00.123456789012345678901234567890Z", "1/2/3",
)  # fmt: skip
HEADERS: Mapping[str, Sequence[str]] = {
    "Accept": ("*/*", "text/html", "application/json", "text/html;q=nan", "*/*;q=2", ",,;", "x",
               "application/geo+json;q=0.5, text/html", "a/b;c=\"d", "*/json", "q=1",
               "text/html;q="),
    "Accept-Language": ("es", "es-GT,en;q=0.5", "*", "x" * 300, "es;q=nan", "-", "en_US.UTF-8",
                        "é"),
    "Accept-Encoding": ("gzip", "identity", "gzip;q=0", "*", "br;q=1e9", ";;", "gzip;q=-1"),
    "Range": ("bytes=0-", "bytes=0-0", "bytes=-5", "bytes=5-2", "bytes=0-9,20-29", "rows=0-1",
              "bytes",
              "bytes=-", "bytes=a-b", "bytes=99999999999999999999-", "bytes=0-99999999999999999999",
              "bytes=" + "0-0," * 500, "=0-1"),
    "If-Range": ('"x"', "W/\"x\"", "Thu, 26 Nov 2026 22:00:00 GMT", "never", "é"),
    "If-None-Match": ("*", '"x"', "W/\"x\", \"y\"", "x", '"', "é", '"' * 999),
    "If-Match": ("*", '"x"', "x", ","),
    "If-Modified-Since": ("Thu, 26 Nov 2026 22:00:00 GMT", "0", "Thu, 99 Nov 99999 22:00:00 GMT",
                          "-1"),
    "If-Unmodified-Since": ("Thu, 01 Jan 1970 00:00:00 GMT", "x"),
    "Host": ("localhost", "gis_server:8000", "[::1]:8000", "[", "a b", "é", "", "x:99999", "x:y",
             "-",
             "a" * 300, "localhost:", "user@host", "evil.example/path", "..", "1.2.3.4:0"),
    "X-Forwarded-Host": ("maps.example", "gis_server", "a, b", "", "é", "[::1", "x/y", "x:y:z"),
    "X-Forwarded-Proto": ("https", "ftp", "", "javascript", "https,http", "é"),
    "X-Forwarded-Prefix": ("/vereda", "vereda", "//evil.example", "/é", "/a b", "/x/", ""),
    "X-Forwarded-For": ("1.2.3.4", "x", "", "::1", "1.2.3.4, 5.6.7.8", "é" * 99),
    "Content-Type": ("application/json", "application/json; charset=utf-16", "text/plain", "", "x",
                     "application/x-www-form-urlencoded", "multipart/form-data",
                     "application/json;",
                     "multipart/form-data; boundary=x", "application/json; charset=nonsense", "/"),
    "Content-Encoding": ("gzip", "identity", "br"),
    "Authorization": ("Bearer x", "Bearer", "Basic eDp5", "Basic !", "Bearer vrd_a_b", "é",
                      "Bearer é",
                      "bearer  vrd_" + "x" * 5000, "Digest a=b,c", "vrd_x_y"),
    "Origin": ("https://elsewhere.example", "null", "http://localhost", "http://[", "é", "file://"),
    "Cookie": ("a=b", "=", "é", ";" * 99),
    "Prefer": ("respond-async", "wait=nan", "respond-sync;x", "handling=strict", "é", ",=;"),
    "X-Request-ID": ("abc", "a b", "é", "x" * 99),
    "Forwarded": ("host=x;proto=ftp", "é"),
    "Expect": ("100-continue", "x"),
    "X-HTTP-Method-Override": ("DELETE",),
    "Access-Control-Request-Method": ("POST", "é"),
    "Upgrade": ("h2c", "websocket"),
}  # fmt: skip
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT",
           "PROPFIND",
           "get", "X" * 200)  # fmt: skip
OVERLONG = (
    "%C0%AF",
    "%FF",
    "%ED%A0%80",
    "%u0041",
    "%",
    "%2",
    "%%32%65",
    "%00",
    "%0d%0a",
    "%F5%80%80%80",
)

COSTLY: Mapping[str, float] = {
    r"/corridors|.*/execution": 0.01, r".*/bulk/.*": 0.03, r"/jobs.*|/processes.*": 0.3,
    r"/tiles/.*|/styles.*|/qgis.*|/map.*|/metrics": 0.2, r"/api|/maplibre.*": 0.05,
}  # fmt: skip
"""How often operations are asked for that take long, by their path; the rest counts 1."""


SHAPES = (
    "POINT(-88 15)", "BBOX(-89,15,-88,16)", "BBOX(1,2)", "POLYGON((0 0,1 1,0 1,0 0))",
    "POINT EMPTY",
    "POLYGON((-89 15,-88 16,-88 15,-89 16,-89 15))", "POINT(nan nan)", "POINT(1e999 0)",
    "POLYGON(())",
    "LINESTRING(-89 15)", "GEOMETRYCOLLECTION(POINT(0 0))", "POINT Z(1 2 3)", "POLYGON((0 0))", "x",
    "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)", "MULTIPOINT((0 0),(1 1))", "POINT(-88 15, 1 1)",
)  # fmt: skip

MEMBERS = ("profile", "from", "to", "slack", "slack_hours", "via", "avoid", "close", "strengthen",
           "alternatives",
           "draws", "seed", "limit", "inputs", "outputs", "response", "name", "title", "modes",
           "weights", "fees",
           "choice", "origins", "destinations", "pairs", "at", "", "x", "__proto__")  # fmt: skip

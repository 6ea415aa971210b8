"""Tables as people in the region save them, and what is wrong with the others, by line."""

from __future__ import annotations

import codecs

import pytest

from geodata.errors import DataError, InputError
from geodata.sources.userfiles.points import MOST_POINTS, read_points
from geodata.sources.userfiles.source import Source
from tests.support.reading import points_of

PLACE = [[-88.03, 15.5]]

READ = {
    "upper case": "LON,LAT\n-88.03,15.5\n",
    "semicolon": "lon;lat\n-88.03;15.5\n",
    "tab": "lon\tlat\n-88.03\t15.5\n",
    "Excel in Spanish": "nombre;longitud;latitud\nSan Pedro Sula;-88,03;15,50\n",
    "quoted decimal commas": 'lat,lon\n"15,50","-88,03"\n',
    "Excel's own first line": "sep=;\r\nlon;lat\r\n-88,03;15,5\r\n",
    "headings with units and accents": "Nombre;Longitud (°);LATITÚD [grados]\na;-88,03;15,5\n",
    "headings with blanks": " Lon , Lat \n -88.03 , 15.5 \n",
    "heading of two lines": 'name,"lon\n(deg)",lat\na,-88.03,15.5\n',
    "degrees before metres": "x,y,lon,lat\n389600,1714000,-88.03,15.5\n",
    "one heading in each tongue": "longitude,latitud\n-88.03,15.5\n",
    "old Macintosh": "lon,lat\r-88.03,15.5\r",
    "comments and empty lines": "# mine\n\nlon,lat\n\n# of today, and more\n-88.03,15.5\n,\n",
    "a number sign as heading": "#,lon,lat\n1,-88.03,15.5\n",
    "line break in quotes": 'note,lon,lat\n"two\nlines, ""quoted""",-88.03,15.5\n',
    "delimiter at the end": "lon,lat,\n-88.03,15.5,\n",
    "more delimiters than headings": "lon,lat\n-88.03,15.5,,\n",
    "a comment like a heading": "# lon,lon,lat\nlon,lat\n-88.03,15.5\n",
    "the end of a text of DOS": "lon,lat\n-88.03,15.5\n\x1a",
    "the end of a text of DOS, and a line": "lon,lat\n-88.03,15.5\x1a\r\n",
    "whole numbers beside": "lon,lat,a,b\n-88.03,15.5,1,2\n",
    "a minus sign": "lon,lat\n\N{MINUS SIGN}88.03,15.5\n",
}


@pytest.mark.parametrize("name", READ)
def test_tables_of_many_hands(tmp_path, name):
    path = tmp_path / "a.csv"
    path.write_bytes(READ[name].encode())
    assert points_of(path) == PLACE


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "año,lon,lat\n1,-88.03,15.5\n".encode(),
        "año,lon,lat,lugar\n1,-88.03,15.5,Peña Ñ\n".encode("latin-1"),
        "lugar;lon;lat\n“Copán”;-88,03;15,5\n".encode("cp1252"),
        codecs.BOM_UTF16_LE + "lugar\tlon\tlat\nCopán\t-88,03\t15,5\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "lugar\tlon\tlat\nCopán\t-88,03\t15,5\n".encode("utf-16-be"),
        "lugar\tlon\tlat\nCopán\t-88,03\t15,5\n".encode("utf-16-le"),
        "lugar\tlon\tlat\nCopán\t-88,03\t15,5\n".encode("utf-16-be"),
        "lugar\tlon\tlat\nCopán\t-88,03\t15,5\n".encode("utf-32"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".CSV", ".tsv", ".txt"])
def test_encodings_are_told_apart(tmp_path, data, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    assert points_of(path) == PLACE


WRONG = {
    "nothing": (b"", "The file is empty"),
    "blanks": (b" \n\n", "The file is empty"),
    "heading only": (b"lon,lat\n", "It has a heading and no rows"),
    "comments only": (b"# lon\n# lat\n", "Columns there are: none"),
    "no heading": (b"-88.03,15.5\n", "Columns there are: -88.03, 15.5. Name one of: lon and lat"),
    "a word": (b"lon,lat\n-88.03,15.5\n\n\n-87.2,xx\n", "line 5, lat: 'xx'"),
    "a word after comments": (b"\n# a\nlon,lat\n# b\n-87.2,xx\n", "line 5, lat: 'xx'"),
    "a word after quotes": (b'n,lon,lat\n"a\n\nb",-88,15\n"c\nd",1,y\n', "line 5, lat: 'y'"),
    "an open quote": (b'lon,lat\n-88,15\n"-88.03,15.50\n', "opened in line 3 and not closed"),
    "letters after quotes": (b'lon,lat\n"-88"x,15\n', "Line 2 is no line of a table"),
    "half a place": (b"lon,lat\n-88.03,\n", "line 2, lat: ''. Give WGS 84 degrees"),
    "infinity": (b"lon,lat\ninf,15\n", "line 2, lon: 'inf'"),
    "minutes": ("lon,lat\n88°30'W,15\n".encode(), 'line 2, lon: "88°30\'W"'),
    "thousands": (b'lon,lat\n"-88,030.5",15\n', "one decimal point or comma, and no other"),
    "bare decimal commas": (b"lon,lat\n-88,03,15,50\n", "line 2: 4. It has more fields than the 2"),
    "metres": (b"x,y\n389600,1714000\n", "line 2, longitude: 389600.0"),
    "swapped": (b"lon,lat\n15.5,-98.03\n", "Longitude and latitude look swapped"),
    "two of a heading": (b"lon,lat,Lon\n-88,15,-87\n", "'lon'. Two columns have this heading"),
    "a comment that is a row": (b"id,lon,lat\n1,-88,15\n#2,-87,14\n", "line 3: '#2'"),
    "NUL": (b"lon,lat\n-88,15\n-87\0,14\n", "Line 3 holds a NUL byte"),
    "half a letter": (codecs.BOM_UTF16_LE + b"l\0o\0n", "damaged UTF-16"),
    "two encodings": ("lon,lat,n\n-88,15,Copán\n".encode() + b"-87,14,Pet\xe9n\n", "line 3"),
    "an endless heading": (b"(" * 100_000 + b",lon\n1,2\n", "Columns there are"),
    "the letters of DOS": ("año,lon,lat\n1,-88,15\n".encode("cp850"), "cannot be told"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "cannot be told from line 1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_words(tmp_path, name):
    data, words = WRONG[name]
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        points_of(path)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert "a.csv" in str(caught.value)


def test_rows_without_a_place_are_counted_and_too_many_points_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("n,lon,lat\na,-88.03,15.5\nb,,\n")
    points = read_points(Source.parse(path, field="from"))
    assert (points.coordinates, points.left_out) == (PLACE, 1)
    path.write_text("n,lon,lat\nb,,\n")
    with pytest.raises(DataError, match="holds no geometry"):
        points_of(path)
    path.write_text("lon,lat\n" + "-88.03,15.5\n" * (MOST_POINTS + 1))
    with pytest.raises(DataError, match="at most 10,000"):
        points_of(path)


def test_too_many_rows_and_too_large_files_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("lon,lat\n" + "-88.03,15.5\n" * 4)
    monkeypatch.setattr("geodata.sources.userfiles.formats.table.MOST_ROWS", 3)
    with pytest.raises(DataError, match="more than 3 rows"):
        points_of(path)
    monkeypatch.setattr("geodata.sources.userfiles.source.MOST_BYTES", 8)
    with pytest.raises(DataError, match="larger than"):
        points_of(path)


def test_only_plain_files_of_known_kinds_are_read(tmp_path):
    import os

    (tmp_path / "d.csv").mkdir()
    os.mkfifo(tmp_path / "p.csv")
    (tmp_path / "null.csv").symlink_to(os.devnull)
    (tmp_path / "s.xlsx").write_bytes(b"PK")
    (tmp_path / "z.zip").write_bytes(b"PK")
    for name, words in [
        ("none.csv", "There is no such file"),
        ("none.zip", "There is no such file"),
        ("d.csv", "it is a directory"),
        ("p.csv", "a device or a pipe"),
        ("null.csv", "a device or a pipe"),
        ("s.xlsx", "Save the sheet as CSV UTF-8"),
        ("z.zip", "Unzip it"),
    ]:
        with pytest.raises(InputError, match=words):
            points_of(tmp_path / name)


def test_a_field_that_is_too_long_is_told_by_its_length(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"x,y,note\n-88,15,{'a' * 200_000}\n")
    with pytest.raises(DataError, match="Line 2 has a field of over 131,072 letters"):
        read_points(Source.parse(path, field="from"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fecha,lon,lat,a,b\n2016-10-03,-88,4,15,6\n", "line 2: .*decimal commas.*semicolons"),
        ("lat,lon,a,b\n15,6,-88,4\n15,5,-88,3\n", "line 2: .*decimal commas"),
        ("lon,lat\n-88.4,15.6\n-88,4,,\n", "line 3: 4. It has more fields"),
        ("lon,lat\n-88,4,15,6\n", "line 2: 4. It has more fields"),
    ],
)
def test_decimal_commas_that_part_numbers_are_no_other_place(tmp_path, text, words):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        points_of(path)


def test_whole_degrees_beside_whole_numbers_are_read_with_a_point(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("lon,lat,a,b\n-88.0,4,15,6\n")
    assert points_of(path) == [[-88, 4]]

"""A wrong file of a user is the same line and exit code wherever it is given."""

from __future__ import annotations

import pytest

from cli.main import run

WRONG = {
    "a.csv": (b"lon,lat,date\n-88.03,15.5,2016\n\n\n-87.2,xx,2016\n", "a.csv, line 5, lat: 'xx'"),
    "empty.CSV": (b"", "The file is empty"),
    "heading.csv": (b"lon,lat,date\n", "a heading and no rows"),
    "quote.csv": (b'lon,lat,date\n"-88,15,2016\n', "opened in line 2 and not closed"),
    "a.json": (b"<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>", "GeoJSON"),
    "a.gpkg": (b"<OGRVRTDataSource/>", "It is no GeoPackage"),
}


@pytest.mark.parametrize("name", WRONG)
def test_ends_and_events_get_the_same_answer(name, tmp_path, result_dir, capsys):
    content, words = WRONG[name]
    path = tmp_path / name
    path.write_bytes(content)
    for call in (
        ["corridors", "--network", "none", "--from", str(path)],
        ["alternatives", "--network", "none", "--to", str(path)],
        ["validate", str(result_dir), "--network", "none", "--events", str(path)],
    ):
        with pytest.raises(SystemExit) as ended:
            run(call)
        stderr = capsys.readouterr().err
        assert ended.value.code == 3 and words in stderr and len(stderr.splitlines()) == 1

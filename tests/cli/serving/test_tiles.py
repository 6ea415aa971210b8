"""`vereda tiles`: one file for a page without a server of ours."""

from __future__ import annotations

import gzip
import json
import shutil

import mapbox_vector_tile
import pyogrio
import pytest
from click.testing import CliRunner
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from cli.serving.tiles import tiles_command
from cli.shell.console import Session
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from tests.support.load import idle_and_busy


def call(network_dir, *arguments, as_json=False):
    command = ["--network", str(network_dir), *map(str, arguments)]
    run = CliRunner().invoke(tiles_command, command, obj=Session(as_json=as_json))
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run


@pytest.fixture(scope="module")
def written(network_dir, result_dir, tmp_path_factory):
    target = tmp_path_factory.mktemp("tiles") / "vereda.pmtiles"
    options = ["--result", result_dir, "--output", target, "--max-zoom", 7]
    return target, call(network_dir, *options), options


def test_the_file_holds_network_result_and_ground(written, network):
    target, run, _ = written
    assert run.exit_code == 0 and "tiles of zoom" in run.output
    with target.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()
        contents = dict(all_tiles(MmapSource(file)))
    assert (header["tile_type"], header["tile_compression"]) == (TileType.MVT, Compression.GZIP)
    assert header["max_zoom"] == 7 and header["clustered"]
    assert header["min_lon_e7"] >= -930000000 and header["max_lat_e7"] <= 187000000
    assert "OpenStreetMap" in metadata["attribution"] and metadata["network"] == network.digest
    names = [layer["id"] for layer in metadata["vector_layers"]]
    assert {"land", "units", "roads", "gateways", "corridors", "segments"} <= set(names)
    tile = mapbox_vector_tile.decode(gzip.decompress(contents[7, 32, 58]))
    assert set(tile) <= set(names) and tile["corridors"]["features"]
    assert f"{len(contents):,} tiles" in run.output


def test_gdal_reads_it(written):
    target, _, _ = written
    if "PMTiles" not in pyogrio.list_drivers():
        pytest.skip("This GDAL does not read PMTiles.")
    frame = pyogrio.read_dataframe(target, layer="corridors")
    assert frame["usage"].between(0, 1).all() and len(set(frame["id"])) > 10
    assert frame.to_crs(4326).total_bounds[0] > -93


@pytest.mark.trials
def test_results_are_written_beside_each_other(network_dir, result_dir, tmp_path):
    other = tmp_path / "Other"
    shutil.copytree(result_dir, other)
    target = tmp_path / "both.pmtiles"
    results = ["--result", result_dir, "--result", other]
    run = call(network_dir, *results, "--output", target, "--max-zoom", 4, as_json=True)
    layers = json.loads(run.output)["layers"]
    assert {"corridors", "segments", "other.corridors", "other.segments"} <= set(layers)
    assert len(layers) == len(set(layers))


@idle_and_busy
def test_the_same_data_give_the_same_bytes(written, network_dir, processors):
    target, _, options = written
    first = sha256(target)
    with pytest.raises(InputError, match="--overwrite"):
        call(network_dir, *options)
    with processors():
        record = json.loads(call(network_dir, *options, "--overwrite", as_json=True).output)
    assert record["max_zoom"] == 7 and record["bytes"] == target.stat().st_size
    assert sha256(target) == first
    assert [entry.name for entry in target.parent.iterdir()] == [target.name]


WRONG = [
    (["--output", "a.mbtiles"], "pmtiles"),
    (["--output", "missing/a.pmtiles"], "directory does not exist"),
    (["--output", "a.pmtiles", "--max-zoom", "30"], "zoom from 0 to 14"),
    (["--output", "a.pmtiles", "--min-zoom", "9", "--max-zoom", "8"], "zoom from 0 to 8"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_wrong_use_names_the_remedy(network_dir, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        call(network_dir, *arguments)
    assert not list(tmp_path.iterdir())


def test_a_directory_that_is_no_network_is_refused(tmp_path):
    with pytest.raises(DataError):
        call(tmp_path, "--output", tmp_path / "a.pmtiles")
    assert not list(tmp_path.glob("*.pmtiles"))

"""Several results at once: each with collections, tiles, styles and files of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cli.main import vereda
from geodata.errors import DataError, InputError
from geodata.publication.results.reading import read_results
from geodata.publication.results.result_layers import RESULT_LAYERS
from service.app import create_app
from service.state import Settings
from tests.support.desktop.run_qgis import QGIS_PYTHON, run
from tests.support.mapbook import Visit
from tests.support.servers.serving import serving

NAME = "less-corinto"
SIDE_BY_SIDE = Path(__file__).parents[2] / "support/desktop/side_by_side.py"


def computed(network_dir: Path, directory: Path, *options: str) -> Path:
    words = ["corridors", "--network", str(network_dir), "--output", str(directory), *options]
    done = CliRunner().invoke(vereda, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return directory


@pytest.fixture(scope="module")
def other_dir(network_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another flow, with Corinto strengthened."""
    directory = tmp_path_factory.mktemp("computed") / "Less Corinto"
    return computed(
        network_dir, directory, "--profile", "contraband-west", "--strengthen", "Corinto=x3"
    )


@pytest.fixture(scope="module")
def several(
    network_dir: Path, result_dir: Path, other_dir: Path, west_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:  # fmt: skip
    jobs = tmp_path_factory.mktemp("kept") / "jobs"
    results = (result_dir, other_dir, west_dir)
    return create_app(Settings(network=network_dir, result=results, jobs=jobs))


@pytest.fixture
def visitor(several: Flask) -> FlaskClient:
    return several.test_client()


@pytest.fixture(scope="module")
def address(several: Flask) -> Iterator[str]:
    with serving(several) as url:
        yield url


def test_they_are_listed_with_what_was_changed(visitor: FlaskClient) -> None:
    first, second, third = visitor.get("/results").json["results"]
    assert [first["name"], second["name"], third["name"]] == ["out", NAME, "contraband"]
    assert (
        second["title"]
        == "Contraband goods, westbound, from Honduran ports to Guatemala, Corinto x 3"
    )
    assert second["edits"] == [{"target": "Corinto", "factor": 3.0, "hours": 0.0}]
    assert first["collections"] == list(RESULT_LAYERS)
    assert second["collections"] == [f"{NAME}.{layer}" for layer in RESULT_LAYERS]


def test_each_has_collections_and_files_of_its_own(visitor: FlaskClient, other_dir: Path) -> None:
    for kind, (layer, *_) in RESULT_LAYERS.items():
        sent = visitor.get(f"/collections/{NAME}.{kind}/items?limit=10000").json
        frame = gpd.read_file(other_dir / "corridors.gpkg", layer=layer)
        assert [feature["id"] for feature in sent["features"]] == list(frame["id"])
        assert visitor.get(f"/collections/{NAME}.{kind}/schema").status_code == 200
    for name in visitor.get(f"/results/{NAME}").json:
        if name not in ("links", "bands"):
            answer = visitor.get(f"/results/{NAME}/{name}", buffered=True)
            file = other_dir / (name if "." in name else f"{name}.geojson")
            assert answer.data == file.read_bytes()
    download = visitor.get(f"/bulk/{NAME}.corridors.fgb", buffered=True)
    assert (download.status_code, download.data[:3]) == (200, b"fgb")
    refused = visitor.get("/results/nothing")
    assert refused.status_code == 404
    assert NAME in refused.json["detail"]


def test_each_is_drawn_from_tiles_by_styles_of_its_own(visitor: FlaskClient) -> None:
    sets = {each["name"]: each for each in visitor.get("/tiles").json["tiles"]}
    assert sets[f"{NAME}.result"]["title"] == f"All layers of the result ({NAME})"
    assert sets["result"]["layers"] == list(RESULT_LAYERS)
    styles = [each["name"] for each in visitor.get("/styles").json["styles"]]
    assert f"{NAME}.corridors" in styles
    # The ground has the exposure of the first result only.
    assert f"{NAME}.exposure" not in styles
    for name in styles:
        style = visitor.get(f"/styles/{name}").json
        for layer in style["layers"]:
            if "source-layer" in layer:
                tileset = visitor.get(f"/tiles/{layer['source']}").json
                assert layer["source-layer"] in [each["id"] for each in tileset["vector_layers"]]


@pytest.mark.trials
@pytest.mark.client
def test_qgis_lays_them_side_by_side(visitor: FlaskClient, address: str, tmp_path: Path) -> None:
    if not Path(QGIS_PYTHON).exists() or run("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed")
    path, picture = tmp_path / "vereda.qgs", tmp_path / "side-by-side.png"
    path.write_text(visitor.get("/qgis/vereda.qgs", base_url=address).text)
    done = run(SIDE_BY_SIDE, path, picture)
    assert done.returncode == 0, done.stderr
    project = json.loads(done.stdout.splitlines()[-1])
    assert all(project["valid"])
    names = ["out", NAME, "contraband"]
    assert [title.partition(":")[0] for title in project["themes"]] == names
    drawn = {
        name: [f"vereda_{prefix}{kind}" for kind in ("corridor_gateways", "segments")]
        for name, prefix in zip(names, ("", "less_corinto_", "contraband_"), strict=True)
    }
    shown = [[*drawn[name], "vereda_lakes", "vereda_admin", "vereda_countries"] for name in names]
    assert project["shown"] == shown[0]
    # By theme as by hand, one at a time.
    assert list(project["themes"].values()) == list(project["checked"].values()) == shown
    # What covers other layers lies below the lines and points of all.
    covering = ("admin", "lakes", "countries")
    assert [each.endswith(covering) for each in project["order"]] == [False] * 28 + [True] * 6
    for name, counts in zip(names, project["counts"].values(), strict=True):
        prefix = "" if name == "out" else f"{name}."
        for kind in (
            "corridor-gateways",
            "near-gateways",
            "corridor-places",
            "corridors",
            "segments",
        ):
            layer = f"vereda_{prefix}{kind}".replace("-", "_").replace(".", "_")
            url = f"/collections/{prefix}{kind}/items?limit=1"
            assert counts[layer] == visitor.get(url).json["numberMatched"]
    assert picture.stat().st_size > 50_000
    assert visitor.get(f"/qgis/{NAME}.segments.qlr").status_code == 200


@pytest.mark.trials
@pytest.mark.client
def test_the_page_shows_the_one_that_answers_its_question(browser: Any, address: str) -> None:
    with Visit(browser, address, link="#profile=contraband-west&slack=0.15") as visit:
        assert "published result" in visit.page.inner_text("#status")
        assert any("/collections/contraband.corridors/" in url for url in visit.requests)
        assert not any(f"/collections/{NAME}." in url for url in visit.requests)
        assert not any("/corridors?" in url for url in visit.requests)
        assert "contraband: " in visit.page.text_content("body")


def test_names_that_meet_are_refused(result_dir: Path, tmp_path: Path) -> None:
    again = shutil.copytree(result_dir, tmp_path / "Out")
    with pytest.raises(InputError, match="name of its own"):
        read_results([result_dir, again])
    unnamed = shutil.copytree(result_dir, tmp_path / "--")
    with pytest.raises(InputError, match="Latin letters"):
        read_results([unnamed])


def test_each_is_checked_for_damage(result_dir: Path, tmp_path: Path) -> None:
    spoilt = Path(shutil.copytree(result_dir, tmp_path / "spoilt"))
    with (spoilt / "corridors.gpkg").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DataError, match=r"corridors\.gpkg"):
        read_results([result_dir, spoilt])

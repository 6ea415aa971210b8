"""The printed map: its size, its bytes, and letters that keep clear of each other."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import matplotlib.image
import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.borderlands.region import borderlands
from geodata.cartography.basemap import Basemap, project_basemap
from geodata.cartography.printed.labels import Lettering, TextBox, font, measure, shorten, wrap
from geodata.cartography.printed.legend import percent, round_length
from geodata.cartography.printed.result_map import draw_map
from geodata.cartography.styles.result_styles import REMOTENESS
from tests.support.load import idle_and_busy
from tests.support.worlds.result_sample import sample

WORDS = {
    "title": "Corridors from the Mosquitia to Mexico",
    "subtitle": "A drawn sample, no answer of the model",
    "attribution": "© OpenStreetMap contributors, ODbL. Natural Earth. GeoNames, CC BY 4.0.",
}


@pytest.fixture(scope="module")
def basemap():
    layers = ("countries", "lakes", "places")
    return Basemap(**{name: gpd.GeoDataFrame(borderlands().frame(name)) for name in layers})


@pytest.fixture(scope="module")
def drawn(basemap, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.png"
    draw_map(sample(), basemap, path, **WORDS)
    return path


@pytest.fixture
def letters():
    figure = Figure(figsize=(4, 3), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 400), ylim=(0, 300))
    road = np.column_stack([np.arange(400.0), np.full(400, 150.0)])
    frame = shapely.box(0, 0, 400, 300)
    return Lettering(axes=axes, canvas=FigureCanvasAgg(figure), frame=frame, lines=road)


def test_the_map_is_2400_pixels_wide_and_full_of_colour(drawn):
    image = matplotlib.image.imread(drawn)
    assert image.shape[1] == 2400
    assert len(np.unique((image[::5, ::5, :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 100


def test_nothing_reaches_the_edge_of_the_paper(drawn):
    image = matplotlib.image.imread(drawn)[:, :, :3]
    edges = [image[:12], image[-12:], image[:, :12], image[:, -12:]]
    assert all((edge == 1).all() for edge in edges)


@idle_and_busy
def test_the_same_map_has_the_same_bytes(drawn, basemap, tmp_path, processors):
    with processors():
        draw_map(sample(), basemap, tmp_path / "again.png", **WORDS)
    assert (tmp_path / "again.png").read_bytes() == drawn.read_bytes()


def test_a_country_that_lies_beyond_the_map_has_no_name_on_it(drawn, basemap, tmp_path):
    far = gpd.GeoDataFrame({"country": ["FJ"]}, geometry=[shapely.box(178, -18, 179, -17)])
    countries = gpd.GeoDataFrame(
        {"country": [*basemap.countries["country"], *far["country"]]},
        geometry=[*basemap.countries.geometry, *far.geometry], crs=basemap.countries.crs,
    )  # fmt: skip
    draw_map(sample(), replace(basemap, countries=countries), tmp_path / "map.png", **WORDS)
    assert (tmp_path / "map.png").read_bytes() == drawn.read_bytes()


def test_a_map_of_nothing_with_long_words_by_another_score(basemap, tmp_path):
    layers = sample()
    nothing = replace(
        layers,
        corridors=layers.corridors.iloc[:0],
        segments=layers.segments.iloc[:0],
        gateways=layers.gateways.iloc[:0],
        admin=layers.admin.assign(remoteness=np.nan),
    )
    words = {name: f"{text} " * 12 for name, text in WORDS.items()}
    draw_map(nothing, basemap, tmp_path / "map.png", units=REMOTENESS, **words)
    image = matplotlib.image.imread(tmp_path / "map.png")[:, :, :3]
    assert image.shape[1] == 2400
    assert all((edge == 1).all() for edge in (image[:, :12], image[:, -12:], image[-12:]))


def test_basemap_keeps_lake_izabal_and_drops_ponds(basemap):
    area = sample().area
    projected = project_basemap(basemap, area)
    izabal = shapely.Point(*(float(value) for value in area.project(-89.2, 15.5)))
    assert shapely.contains(projected.lakes, izabal)
    assert not shapely.contains(projected.land, izabal)
    holes = [hole for part in projected.land.geoms for hole in part.interiors]
    assert min(shapely.Polygon(hole).area for hole in holes) > 8e6


def test_labels_keep_off_lines_symbols_and_each_other(letters):
    symbols = range(40, 380, 45)
    for x in symbols:
        letters.block(x, 150, 6)
    for x in symbols:
        assert letters.beside(x, 150, "Corinto 34%", font(7), gap=5, far=True)
    boxes = [box.grown(-3) for box in letters.taken]
    assert not any(
        one.meets(other) for index, one in enumerate(boxes) for other in boxes[index + 1 :]
    )


def test_a_label_goes_without_when_it_would_cost_too_much(letters):
    assert letters.beside(200, 200, "Morales", font(7), gap=3, limit=5)
    assert not letters.beside(200, 150, "a long name along the road", font(30), gap=0, limit=5)
    assert not letters.beside(-50, 150, "outside", font(7), gap=3)


def test_names_of_areas_stand_inside_them(letters):
    assert letters.within(shapely.box(20, 170, 380, 290), "HONDURAS", font(12), colour="#000000")
    box = letters.taken[-1]
    assert box.bottom > 170 and box.top < 290


def test_texts_are_wrapped_and_shortened_to_measure(letters):
    canvas, face = letters.canvas, font(8)
    lines = wrap(canvas, "one two three four five six seven", face, 90)
    assert " ".join(lines) == "one two three four five six seven"
    assert max(measure(canvas, line, face).width for line in lines) <= 90
    short = shorten(canvas, "Mosquitia landing - Corinto - El Ceibo", face, 90)
    assert short.endswith("…") and measure(canvas, short, face).width <= 90
    assert shorten(canvas, "Corinto", face, 90) == "Corinto"


def test_boxes_that_only_touch_do_not_meet():
    assert not TextBox(0, 0, 1, 1).meets(TextBox(1, 0, 2, 1))
    assert TextBox(0, 0, 1, 1).grown(0.1).meets(TextBox(1, 0, 2, 1))


@pytest.mark.parametrize(
    ("longest", "length"), [(170, 100), (99.9, 50), (49, 20), (1, 1), (0.7, 0.5)]
)
def test_scale_bars_are_round(longest, length):
    assert round_length(longest) == length


def test_shares_are_whole_percents():
    texts = [percent(share) for share in (0.34, 0.011, 0.004, 1)]
    assert texts == ["34%", "1%", "under 1%", "100%"]

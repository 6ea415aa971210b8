/** The map: its layers from the sea up, and what is drawn on them. */

import { LEAST_CHANGE, movements } from "../answer/movements.js";
import { settings } from "../document/element.js";
import { word } from "../document/words.js";
import { bounds, moved, summed } from "./flow.js";
import { addSymbols, LESS, markOf, MORE } from "./symbols.js";

const { colours } = settings;
export const KEPT = "#b4b7bb";
const OUTSIDE = "#f1f0ec";
const FAR = 40;
/** Pixels around what is brought into view: room for pins, and for the buttons at the right. */
const ROOM = { top: 48, right: 62, bottom: 40, left: 40 };
export const NOTHING = { type: "FeatureCollection", features: [] };
const [WEST, SOUTH, EAST, NORTH] = settings.bbox;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Steps of a style as an expression of MapLibre. */
function stepped(steps, property, what) {
  const [first, ...others] = steps;
  return ["step", ["get", property], first[what], ...others.flatMap((step) => [step.lower, step[what]])];
}

/** Widths that grow a little with the zoom. */
const growing = (width) => ["interpolate", ["linear"], ["zoom"], 5, ["*", 0.8, width], 10, ["*", 1.7, width]];
/** As wide as much has changed: a tenth of the flow is 4 pixels. */
const CHANGE_PX = ["interpolate", ["linear"], ["get", "size"], LEAST_CHANGE, 1.8, 0.5, 16];
const FAINT = 0.4;
const usagePx = stepped(settings.usage, "usage", "px");

const line = (id, source, paint, more = {}) => ({
  id, source, type: "line", paint, layout: { "line-cap": "round", "line-join": "round" }, ...more,
});
/** What lies outside the study area, to be covered: nothing is known of it. */
function outside() {
  const ring = ([west, south, east, north]) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
  const around = ring([WEST - FAR, SOUTH - FAR, EAST + FAR, NORTH + FAR]);
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [around, ring(settings.bbox).reverse()] } };
}

const of = (layer) => ["==", ["get", "layer"], layer];

function layers() {
  const changed = (sign) => [sign, ["get", "change"], sign === ">=" ? LEAST_CHANGE : -LEAST_CHANGE];
  return [
    { id: "sea", type: "background", paint: { "background-color": colours.sea } },
    { id: "country", source: "ground", type: "fill", filter: of("country"), paint: { "fill-color": colours.land } },
    { id: "wide", source: "ground", type: "fill", filter: of("wide"), paint: { "fill-color": colours.land, "fill-antialias": false } },
    { id: "unit", source: "ground", type: "fill", filter: of("unit"), paint: { "fill-color": colours.land, "fill-antialias": false } },
    line("unit-edge", "ground", { "line-color": colours.paper, "line-width": 0.9 }, { filter: of("unit") }),
    line("coast", "ground", { "line-color": colours.coast, "line-width": 0.7 }, { filter: of("country") }),
    { id: "lake", source: "ground", type: "fill", filter: of("lake"), paint: { "fill-color": colours.sea, "fill-outline-color": colours.coast } },
    line("border-casing", "ground", { "line-color": colours.paper, "line-width": 3, "line-opacity": 0.7 }, { filter: of("border") }),
    line("border", "ground", { "line-color": colours.border, "line-width": 1.1, "line-dasharray": [5, 1.6, 1, 1.6] }, { filter: of("border"), layout: {} }),
    line("flow-casing", "flow", { "line-color": colours.paper, "line-width": growing(["+", 2, usagePx]) }),
    line("flow", "flow", { "line-color": stepped(settings.usage, "usage", "colour"), "line-width": growing(usagePx) }),
    line("kept-casing", "moved", { "line-color": colours.paper, "line-width": growing(["+", 2, usagePx]) }, { filter: [">", ["get", "usage"], 0] }),
    line("kept", "moved", { "line-color": KEPT, "line-width": growing(usagePx) }, { filter: [">", ["get", "usage"], 0] }),
    line("less-casing", "moved", { "line-color": colours.paper, "line-width": growing(["+", 1.4, CHANGE_PX]) }, { filter: changed("<=") }),
    line("less", "moved", { "line-color": LESS, "line-width": growing(CHANGE_PX), "line-dasharray": [1.8, 1.2] }, { filter: changed("<="), layout: {} }),
    line("more-casing", "moved", { "line-color": colours.paper, "line-width": growing(["+", 1.4, CHANGE_PX]) }, { filter: changed(">=") }),
    line("more", "moved", { "line-color": MORE, "line-width": growing(CHANGE_PX) }, { filter: changed(">=") }),
    // The first way is the best path, which is drawn as a corridor already.
    line("way-casing", "ways", { "line-color": colours.paper, "line-width": growing(5) }, { filter: [">", ["get", "rank"], 1] }),
    line("way", "ways", { "line-color": "#00695c", "line-width": growing(3), "line-dasharray": [2.5, 1.2] }, { filter: [">", ["get", "rank"], 1], layout: {} }),
    { id: "outside", source: "outside", type: "fill", paint: { "fill-color": OUTSIDE, "fill-antialias": false } },
    line("frame", "outside", { "line-color": colours.ink, "line-width": 1 }),
    line("chosen", "chosen", { "line-color": "#ffd43b", "line-width": growing(4) }),
    line("chosen-core", "chosen", { "line-color": colours.ink, "line-width": growing(1.6) }),
    line("corridor", "corridors", { "line-color": "#000", "line-opacity": 0, "line-width": 16 }),
    { id: "event", source: "events", type: "circle", paint: { "circle-color": settings.event.colour, "circle-radius": 4.5, "circle-opacity": 0.8, "circle-stroke-color": colours.paper, "circle-stroke-width": 1 } },
    {
      id: "gateway", source: "gateways", type: "symbol",
      layout: { "icon-image": ["get", "mark"], "icon-size": ["interpolate", ["linear"], ["zoom"], 4.5, 0.6, 6, 1], "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["get", "order"] },
      paint: { "icon-opacity": ["get", "opacity"] },
    },
  ];
}

/** Make the map; `ready` is called once it can be drawn on. */
export function makeMap(at, ready) {
  const empty = () => ({ type: "geojson", data: NOTHING });
  const sources = Object.fromEntries(["ways", "chosen", "corridors", "gateways", "events"].map((name) => [name, empty()]));
  // Flow comes in pieces, between bends: with a tolerance those that are shorter would be left out.
  for (const name of ["flow", "moved"]) sources[name] = { ...empty(), tolerance: 0 };
  sources.ground = { ...empty(), tolerance: 0.2 };
  sources.outside = { type: "geojson", data: outside() };
  const view = at ? { center: [at[0], at[1]], zoom: at[2] } : { bounds: settings.bbox, fitBoundsOptions: { padding: 14 } };
  const map = new maplibregl.Map({
    container: "map",
    style: { version: 8, sources, layers: layers() },
    ...view,
    // Wide enough for any spot to be moved out from under a sheet beside the map.
    maxBounds: [[WEST - 12, SOUTH - 6], [EAST + 12, NORTH + 6]],
    minZoom: 4, maxZoom: Math.max(13, nearest() + 1),
    attributionControl: false,
    dragRotate: false, pitchWithRotate: false, touchPitch: false,
    fadeDuration: 0,
    // The printed page is drawn from what the map last drew.
    canvasContextAttributes: { preserveDrawingBuffer: true },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-right");
  for (const [part, key] of [["canvas", "map.keys"], ["ctrl-zoom-in", "zoom.in"], ["ctrl-zoom-out", "zoom.out"]])
    label(map.getContainer().querySelector(`.maplibregl-${part}`), key);
  map.on("load", () => {
    addSymbols(map);
    ready(map);
  });
  return map;
}

/** Say what a part of MapLibre is, in whatever language the page speaks. */
function label(part, key) {
  part.dataset.wordLabel = key;
  part.setAttribute("aria-label", word(key));
  part.removeAttribute("title");
}

/** Draw an answer; `before` is the one without the edits, for what has moved. */
export function drawAnswer(map, { answer, before, view, closed }) {
  const shown = view === "before" && before ? before : answer;
  const moving = view === "change" && before;
  map.getSource("flow").setData(moving ? NOTHING : summed(shown.features));
  map.getSource("moved").setData(moving ? moved(before.features, answer.features) : NOTHING);
  map.getSource("ways").setData(answer.alternatives ?? NOTHING);
  map.getSource("corridors").setData({ type: "FeatureCollection", features: shown.features });
  map.getSource("chosen").setData(NOTHING);
  const features = (moving ? changes(before, answer, closed) : marks(shown, before, view === "before" ? [] : closed))
    .map(({ x, y, ...properties }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [x, y] }, properties }));
  map.getSource("gateways").setData({ type: "FeatureCollection", features });
}

/** Marks of gateways as large as their usage; those that are closed are there too. */
function marks(shown, before, closed) {
  const shut = (before?.gateways ?? []).filter(({ id }) => closed.includes(id));
  const open = shown.gateways.filter(({ id }) => !closed.includes(id));
  return [
    ...open.map((gateway) => mark(gateway, gateway.usage, "used")),
    ...shut.map((gateway) => mark(gateway, 0, "closed", { order: 2 })),
  ];
}

/** Marks of gateways as large as their change, with its sign; those that keep their usage are faint. */
function changes(before, answer, closed) {
  const moves = movements(before, answer);
  const still = answer.gateways.filter(({ id }) => !moves.some((move) => move.id === id));
  return [...still.map((gateway) => ({ ...gateway, change: 0 })), ...moves].map((gateway) => {
    const size = Math.abs(gateway.change);
    if (closed.includes(gateway.id)) return mark(gateway, 0, "closed", { order: 2 });
    if (size < LEAST_CHANGE) return mark(gateway, 0, "used", { order: -1, opacity: FAINT });
    return mark(gateway, size, gateway.change > 0 ? "more" : "less", { order: size });
  });
}

const mark = (gateway, share, state, { order = share, opacity = 1 } = {}) => ({
  id: gateway.id, name: gateway.name, kind: gateway.kind, x: gateway.x, y: gateway.y, order, opacity,
  mark: markOf(gateway, share, state),
});

/** Draw one corridor above the others, and bring it into view. */
export function drawChosen(map, feature, { zoom = true } = {}) {
  map.getSource("chosen").setData(feature ?? NOTHING);
  if (feature && zoom) show(map, [feature]);
}

/** Bring some features into view. */
export function show(map, features) {
  const box = bounds(features);
  if (box) map.fitBounds(box, { padding: ROOM, maxZoom: nearest(), animate: !still });
}

/** Fill the units by a score: breaks, colours, and the value of each unit where the ground has none. */
export function drawScore(map, { property, steps, values = null }) {
  const colour = !property
    ? colours.land
    : ["case", ["==", ["typeof", valueOf(property, values)], "number"],
        ["step", valueOf(property, values), steps[0].colour, ...steps.slice(1).flatMap((step) => [step.lower, step.colour])],
        colours.land];
  for (const layer of ["wide", "unit"]) map.setPaintProperty(layer, "fill-color", colour);
}

const valueOf = (property, values) =>
  values ? ["get", ["get", "unit"], ["literal", values]] : ["get", property];

/** The zoom to which an answer is brought at most: nearer than usual where the area is a city. */
function nearest() {
  const [west, , east] = settings.bbox;
  return Math.max(10, Math.min(17, Math.log2(360 / (east - west)) + 3));
}

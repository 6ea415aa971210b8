/** Names on the map as HTML: MapLibre would need a server of glyphs for its own. */

import { LEAST_CHANGE } from "../answer/movements.js";
import { element } from "../document/element.js";
import { named, percent, points, wordOr } from "../document/words.js";

const GAP = 3;
const NAMED_GATEWAYS = 14;
const LEAST_USAGE = 0.03;
const PIN = new maplibregl.Point(0, 22);
const ZOOMS = { nation: [5.2, 9], water: [5, 10], town: [5.6, 20], gateway: [0, 20] };
/** Names of towns appear as one comes nearer. */
const TOWNS_AT = (zoom) => Math.round(26 * 1.9 ** Math.max(0, zoom - 5.6));

export class Names {
  constructor(map) {
    this.map = map;
    this.layer = element("div", { class: "names", "aria-hidden": "true" });
    map.getCanvasContainer().append(this.layer);
    this.ground = [];
    this.gateways = [];
    this.pins = [];
    this.shown = [];
    map.on("move", () => this.place());
    map.on("moveend", () => this.choose());
    map.on("resize", () => this.choose());
  }

  /** Take the names of nations, waters and towns from the ground. */
  setGround(features) {
    this.points = features
      .filter(({ properties }) => ["nation", "water", "town"].includes(properties.layer))
      .map(({ properties, geometry }) => ({ ...properties, at: geometry.coordinates }));
    this.translate();
  }

  /** Say them in the language that is spoken. */
  translate() {
    const texts = { nation: (name) => wordOr(`country.${name}`, name), water: (name) => wordOr(`water.${name}`, name), town: named };
    let town = 0;
    this.ground = (this.points ?? []).map(({ layer, name, at }) => ({
      kind: layer, at, text: texts[layer](name), order: layer === "town" ? (town += 1) : 0,
    }));
    this.choose();
  }

  /** Name the gateways that are used most or, where they have a change, that change most. */
  setGateways(gateways) {
    const size = ({ usage, change }) => Math.abs(change ?? usage);
    const share = ({ usage, change }) => (change === undefined ? percent(usage) : points(change));
    this.gateways = [...gateways]
      .sort((a, b) => size(b) - size(a))
      .filter((gateway, rank) => rank < NAMED_GATEWAYS && size(gateway) >= (gateway.change === undefined ? LEAST_USAGE : LEAST_CHANGE))
      .map((gateway) => ({ kind: "gateway", at: [gateway.x, gateway.y], text: `${named(gateway.name)} ${share(gateway)}`, order: 0 }));
    this.choose();
  }

  /** Keep clear of the pins. */
  setPins(spots) {
    this.pins = spots;
    this.choose();
  }

  /** Choose the names that have room, the important ones first. */
  choose() {
    const zoom = this.map.getZoom();
    const { width, height } = this.map.getContainer().getBoundingClientRect();
    const taken = [
      ...this.controls(),
      ...this.gateways.map(({ at }) => around(this.map.project(at), 7)),
      ...this.pins.map((at) => around(this.map.project(at).sub(PIN), 16)),
    ];
    const first = this.ground.filter(({ kind }) => kind !== "town");
    const towns = this.ground.filter(({ kind }) => kind === "town");
    this.layer.replaceChildren();
    this.shown = [];
    for (const name of [...this.gateways, ...first, ...towns]) {
      const [from, to] = ZOOMS[name.kind];
      if (zoom < from || zoom >= to || name.order > TOWNS_AT(zoom)) continue;
      const spot = this.map.project(name.at);
      if (spot.x < 0 || spot.y < 0 || spot.x > width || spot.y > height) continue;
      const made = element("span", { class: `name ${name.kind}` }, name.kind === "town" ? `•\u2009${name.text}` : name.text);
      this.layer.append(made);
      const size = { width: made.offsetWidth, height: made.offsetHeight };
      const offset = offsets(name.kind, size).find(([x, y]) => {
        const room = box(spot, x, y, size);
        return inside(room, width, height) && free(room, taken);
      });
      if (!offset) {
        made.remove();
        continue;
      }
      taken.push(box(spot, ...offset, size));
      this.shown.push({ ...name, made, offset, size });
    }
    this.place();
  }

  /** Where buttons and the scale lie over the map. */
  controls() {
    const frame = this.map.getContainer().getBoundingClientRect();
    return [...this.map.getContainer().querySelectorAll(".maplibregl-ctrl")].map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect();
      return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
    });
  }

  /** Move the names with the map. */
  place() {
    for (const { at, made, offset } of this.shown) {
      const { x, y } = this.map.project(at);
      made.style.transform = `translate(${Math.round(x + offset[0])}px, ${Math.round(y + offset[1])}px)`;
    }
  }
}

/** Where a name may stand, from its point to its corner: the best place first. */
function offsets(kind, { width, height }) {
  if (kind === "town") return [[-3, -height / 2]];
  if (kind !== "gateway") return [[-width / 2, -height / 2], [-width / 2, height / 2], [-width / 2, -1.5 * height]];
  const gap = 12;
  const middle = -height / 2;
  return [[gap, middle], [-width - gap, middle], [-width / 2, gap], [-width / 2, -height - gap], [gap, gap - 4], [-width - gap, gap - 4], [gap, -height - 6], [-width - gap, -height - 6]];
}

const around = ({ x, y }, radius) => [x - radius, y - radius, x + radius, y + radius];
const box = ({ x, y }, dx, dy, { width, height }) => [x + dx - GAP, y + dy - GAP, x + dx + width + GAP, y + dy + height + GAP];
const inside = ([left, top, right, bottom], width, height) => left >= 0 && top >= 0 && right <= width && bottom <= height;
const free = (one, taken) => taken.every((other) => one[2] < other[0] || one[0] > other[2] || one[3] < other[1] || one[1] > other[3]);

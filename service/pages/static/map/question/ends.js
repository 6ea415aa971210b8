/** Origins and destinations: listed, put on the map, dragged, pointed at. */

import { element, find, settings } from "../document/element.js";
import { named, number, word } from "../document/words.js";
import { gazetteer, makeSearch, placeAt, spot } from "../places/search.js";
import { onEarth } from "../requests/service.js";
import { question } from "./question.js";

const SIDES = ["from", "to"];
const LETTERS = { from: "A", to: "B" };
const MOST = 8;

export class Ends {
  /** `changed` is called when an end has been set, moved or taken away, `placed` with the pins. */
  constructor(map, changed, placed) {
    this.map = map;
    this.changed = changed;
    this.placed = placed;
    this.pointing = null;
    this.markers = [];
    for (const side of SIDES) {
      makeSearch(side, (place) => this.add(side, place.sent));
      find(`point-${side}`).addEventListener("click", () => this.point(this.pointing === side ? null : side));
    }
    addEventListener("keydown", (event) => this.key(event));
  }

  /** Let the next click on the map, or Enter at its middle, set an end. */
  point(side) {
    this.pointing = side;
    for (const other of SIDES) find(`point-${other}`).setAttribute("aria-pressed", String(other === side));
    find("map").classList.toggle("pointing", Boolean(side));
    find("mode").hidden = !side;
    find("mode").textContent = side ? word(`mode.${side}`) : "";
    if (side) this.map.getCanvas().focus({ preventScroll: true });
  }

  key(event) {
    if (!this.pointing) return;
    if (event.key === "Escape") this.point(null);
    if (event.key === "Enter" && event.target === this.map.getCanvas()) {
      event.preventDefault();
      this.take(this.map.getCenter());
    }
  }

  /** Take a spot for the side that is being pointed at; false when none is. */
  take({ lng, lat }) {
    const side = this.pointing;
    if (!side) return false;
    this.point(null);
    this.add(side, spot(lng, lat));
    return true;
  }

  add(side, text) {
    if (!question[side].includes(text)) question[side] = [...question[side], text].slice(-MOST);
    this.changed();
  }

  /** Set the only end of a side. */
  set(side, text) {
    question[side] = [text];
    this.changed();
  }

  remove(side, text) {
    question[side] = question[side].filter((other) => other !== text);
    this.changed();
    find(`search-${side}`).focus();
  }

  /** List the ends and put their pins; the answer tells how far they are from the network. */
  async draw(answer = null) {
    // The lists stand at once, so that nothing below them moves when the places come, which give some ends their names.
    this.list(answer);
    // Without the places ends are named and put all the same, by what the answer says of them.
    await gazetteer().catch(() => []);
    this.list(answer);
    const pins = await Promise.all(SIDES.flatMap((side) => question[side].map(async (text, i) => ({ side, text, at: await place(text, answer, side, i) }))));
    for (const marker of this.markers) marker.remove();
    this.markers = pins.filter(({ at }) => at).map((pin) => this.pin(pin));
    this.placed(this.markers.map((marker) => marker.getLngLat()));
  }

  list(answer) {
    for (const side of SIDES) {
      const own = element("li", { class: "own" }, word("ends.own"));
      const items = question[side].map((text, i) => this.item(side, text, endOf(answer, side, i)));
      find(`ends-${side}`).replaceChildren(...(items.length ? items : [own]));
    }
  }

  item(side, text, end) {
    const far = end?.snap_m >= settings.far_m ? element("small", { class: "range" }, snapped(end)) : null;
    const label = element("span", {}, endText(text), far);
    const remove = element("button", { type: "button", "aria-label": word("ends.remove", { name: endText(text) }), onclick: () => this.remove(side, text) }, word("remove"));
    return element("li", {}, label, remove);
  }

  pin({ side, text, at }) {
    const face = element("div", { class: `pin ${side}`, title: endText(text) }, LETTERS[side]);
    const marker = new maplibregl.Marker({ element: face, draggable: true, anchor: "bottom", offset: [0, -7] }).setLngLat(at).addTo(this.map);
    face.setAttribute("aria-label", `${word(side)}: ${endText(text)}`);
    face.setAttribute("role", "img");
    face.removeAttribute("tabindex");
    let current = text;
    const move = () => {
      const { lng, lat } = marker.getLngLat();
      const next = spot(lng, lat);
      question[side] = question[side].map((other) => (other === current ? next : other));
      current = next;
      this.changed({ dragging: true });
    };
    marker.on("dragstart", () => { this.dragging = true; });
    marker.on("drag", move);
    marker.on("dragend", () => {
      this.dragging = false;
      this.changed();
    });
    return marker;
  }
}

function coordinates(text) {
  const numbers = text.split(",").map((part) => Number(part));
  return numbers.length === 2 && onEarth(numbers) && text.trim() ? numbers : null;
}

/** An end in words: its name, that of the place which is there, or its coordinates. */
export function endText(text) {
  const at = coordinates(text);
  if (!at) return named(text);
  const place = placeAt(spot(...at));
  if (place) return place;
  const half = (value, sides) => `${number(Math.abs(value), 3)}° ${sides[value < 0 ? 1 : 0]}`;
  const x = at[0] - 360 * Math.round(at[0] / 360);
  return `${half(at[1], ["N", "S"])}, ${half(x, word("east.west").split(" "))}`;
}

function endOf(answer, side, i) {
  const ends = answer?.ends ?? [];
  return ends[side === "from" ? i : ends.length - question.to.length + i];
}

/** How far from where it was asked for an end is joined to the network, and to what. */
function snapped({ snap_m: metres, kind = "" }) {
  const distance = { km: number(metres / 1000, 1) };
  return kind && !kind.includes(",") ? word("ends.snap.kind", { ...distance, kind: word(`node.${kind}`) }) : word("ends.snap", distance);
}

async function place(text, answer, side, i) {
  const at = coordinates(text);
  if (at) return at;
  const known = (await gazetteer().catch(() => [])).find((entry) => entry.sent === text);
  if (known) return known.at;
  const end = endOf(answer, side, i);
  // All ports of a country are many places: the middle of them is none.
  return end?.nodes === 1 && Number.isFinite(end.x) ? [end.x, end.y] : null;
}

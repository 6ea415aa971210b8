/** What a click on the map tells of a gateway, a corridor or a district. */

import { interval, rests } from "../answer/answer.js";
import { scored, unitOf } from "../answer/score.js";
import { element } from "../document/element.js";
import { named, number, percent, points, word, wordOr } from "../document/words.js";
import { spot } from "../places/search.js";
import { endText } from "../question/ends.js";
import { change, dearer, EXTRA_HOURS, isIn, question } from "../question/question.js";
import { eventFacts, eventName } from "./events.js";

/** Pixels around a spot that are to be seen with it. */
const EDGE = 12;

/** Tell of what is under a click, the smallest thing first. */
export class Popups {
  /** `actions`: `attempt(what, task)`, `changed`, `choose(feature)`, `ends`, `shown()` for the answers on the map, and `prefix()` of their result. */
  constructor(map, actions) {
    this.map = map;
    this.actions = actions;
    /** Counts what was opened or shut, so that what comes late opens no more. */
    this.turn = 0;
    map.on("click", (event) => this.click(event));
    for (const layer of ["event", "gateway", "corridor"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
  }

  click(event) {
    if (this.actions.ends.take(event.lngLat)) return;
    const near = 5;
    const box = [[event.point.x - near, event.point.y - near], [event.point.x + near, event.point.y + near]];
    const records = this.nearestFirst(this.map.queryRenderedFeatures(box, { layers: ["event"] }), event.point);
    const [gateway] = this.nearestFirst(this.map.queryRenderedFeatures(box, { layers: ["gateway"] }), event.point);
    const lines = this.map.queryRenderedFeatures(box, { layers: ["corridor"] });
    const [unit] = this.map.queryRenderedFeatures(event.point, { layers: ["unit"] });
    if (gateway) this.gateway(gateway.properties.id, records);
    else if (records.length) this.event(records[0], records.slice(1));
    else if (lines.length) this.corridors(lines, event.lngLat);
    else this.ground(unit, event.lngLat);
  }

  /** Those whose middle is nearest first: marks lie over each other where crossings are close. */
  nearestFirst(features, point) {
    const far = ({ geometry }) => this.map.project(geometry.coordinates).dist(point);
    return features.sort((a, b) => far(a) - far(b));
  }

  /** Open beside a spot, on phones as a sheet; the focus goes in, and back when it is shut. */
  open(at, head, ...content) {
    this.shut();
    const opener = document.activeElement;
    const body = element("div", { role: "dialog", "aria-label": head, tabindex: -1 }, element("h3", {}, head), ...content);
    this.popup = new maplibregl.Popup({ maxWidth: "19rem", focusAfterOpen: false }).setLngLat(at).setDOMContent(body).addTo(this.map);
    const made = this.popup.getElement();
    made.querySelector(".maplibregl-popup-close-button").setAttribute("aria-label", word("close"));
    made.addEventListener("keydown", ({ key }) => { if (key === "Escape") this.shut(); });
    this.popup.on("close", () => { if (document.activeElement === document.body) opener.focus({ preventScroll: true }); });
    body.focus({ preventScroll: true });
    this.reveal(at, made.getBoundingClientRect());
  }

  /** Move the map until the spot is seen, and what is told of it, where that is on the map. */
  reveal(at, box) {
    const frame = this.map.getContainer().getBoundingClientRect();
    const { x, y } = this.map.project(at);
    const spot = { left: frame.left + x - EDGE, right: frame.left + x + EDGE, top: frame.top + y - EDGE, bottom: frame.top + y + EDGE };
    const sheet = getComputedStyle(this.popup.getElement()).position === "fixed";
    const room = sheet ? beside(frame, box) : frame;
    const wanted = sheet ? spot : { left: Math.min(spot.left, box.left), right: Math.max(spot.right, box.right), top: Math.min(spot.top, box.top), bottom: Math.max(spot.bottom, box.bottom) };
    const shift = (low, high, least, most) => (low < least ? low - least : high > most ? high - most : 0);
    const by = [shift(wanted.left, wanted.right, room.left, room.right), shift(wanted.top, wanted.bottom, room.top, room.bottom)];
    if (by.some(Boolean)) this.map.panBy(by, { animate: false });
  }

  shut() {
    this.turn += 1;
    this.popup?.remove();
  }

  /** Tell of a documented event, and of where it is on record. */
  event({ properties, geometry }, others = []) {
    this.open(geometry.coordinates, eventName(properties), facts(eventFacts(properties)), element("p", { class: "hint" }, word("events.hint")), ...this.onRecord(others));
  }

  /** What else is on record under a click, to be opened one by one. */
  onRecord(records) {
    if (!records.length) return [];
    const opens = (record) => () => this.event(record, records.filter((other) => other !== record));
    const rows = records.map((record) =>
      element("li", {}, element("button", { type: "button", class: "link", onclick: opens(record) }, [eventName(record.properties), record.properties.date].filter(Boolean).join(", "))));
    return [element("h3", {}, word("events")), element("ul", { class: "links" }, ...rows)];
  }

  /** Tell of a gateway, and let it be closed or made dearer; below it, of events on record there. */
  gateway(id, records = []) {
    const { answer, before } = this.actions.shown();
    const now = answer.gateways.find((other) => other.id === id);
    const was = before?.gateways.find((other) => other.id === id);
    const gateway = now ?? was;
    if (!gateway) return;
    const closed = isIn(question.close, gateway), more = dearer(gateway);
    const countries = [gateway.country_a, gateway.country_b].filter(Boolean);
    const act = (what) => () => {
      change(gateway, what);
      this.shut();
      this.actions.changed();
    };
    const button = (key, what) => element("button", { type: "button", onclick: act(what) }, word(key, { hours: number(EXTRA_HOURS) }));
    this.open(
      [gateway.x, gateway.y],
      named(gateway.name),
      element("p", {}, [word(`kind.${gateway.kind}`), countries.map((code) => wordOr(`country.${code}`, code)).join(" – ")].filter(Boolean).join(", ")),
      facts([
        [word("usage"), percent(now?.usage ?? 0)],
        [word("interval"), now ? interval(now) : null],
        [word("before"), before ? percent(was?.usage ?? 0) : null],
        [word("change"), before ? points((now?.usage ?? 0) - (was?.usage ?? 0)) : null],
        [word("strengthened"), more || null],
      ]),
      this.unsure(now),
      element("div", { class: "row" }, closed ? button("reopen", {}) : button("shut", { closed: true }),
        closed ? null : more ? button("weaken", {}) : button("strengthen", { hours: EXTRA_HOURS })),
      ...this.onRecord(records),
    );
  }

  /** Tell of the corridors under a click, and draw the most used one. */
  corridors(lines, at) {
    const { answer, before } = this.actions.shown();
    const ids = new Set(lines.map(({ properties }) => properties.id));
    const source = question.view === "before" && before ? before : answer;
    const under = source.features.filter(({ properties }) => ids.has(properties.id));
    if (!under.length) return;
    const [first] = under;
    this.actions.choose(first, { zoom: false });
    const others = under.slice(1, 6).map((feature) =>
      element("li", {}, element("button", { type: "button", class: "link", onclick: () => this.corridor(feature, at) }, `${named(feature.properties.name)}, ${percent(feature.properties.usage)}`)));
    this.corridor(first, at, under.length > 1 ? [
      element("h3", {}, word("also", { count: number(under.length - 1) })),
      element("ul", { class: "links" }, ...others),
    ] : []);
  }

  /** Tell of one corridor. */
  corridor(feature, at, more = []) {
    const properties = feature.properties;
    this.actions.choose(feature, { zoom: false });
    const part = (mode) => (properties[`km_${mode}`] > 0.5 ? `${word(`mode.${mode}`)} ${number(properties[`km_${mode}`])} km` : null);
    this.open(
      at,
      named(properties.name),
      element("p", {}, `${endText(properties.origin)} → ${endText(properties.destination)}`),
      facts([
        [word("usage"), percent(properties.usage)],
        [word("interval"), interval(properties)],
        [word("hours"), number(properties.hours, 1)],
        [word("km"), number(properties.km)],
        [word("cost"), number(properties.cost, 1)],
      ]),
      element("p", {}, ["road", "trail", "river", "sea"].map(part).filter(Boolean).join(", ")),
      this.unsure(properties),
      ...more,
    );
  }

  /** Tell of a district, and let an end be set here; what is known of it may come late, or not at all. */
  ground(unit, at) {
    const turn = ++this.turn;
    this.actions.attempt("popup", async () => {
      const known = unit && (await unitOf(unit.properties.unit, this.actions.prefix()).catch((error) => { if (this.turn === turn) throw error; }));
      if (this.turn === turn) this.place(known, at);
    });
  }

  /** Open at a place of a unit, undefined where there is none. */
  place(known, at) {
    const place = spot(at.lng, at.lat);
    const end = (side) => element("button", { type: "button", onclick: () => { this.shut(); this.actions.ends.set(side, place); } }, word(`here.${side}`));
    const ends = element("div", { class: "row" }, end("from"), end("to"));
    if (!known) {
      this.open(at, word("here"), ends);
      return;
    }
    const score = (name) => [word(`score.${name}`), `${number(known[name], 2)} (${number(known[`${name}_low`], 2)} – ${number(known[`${name}_high`], 2)})`];
    this.open(
      at,
      `${named(known.name)}, ${wordOr(`country.${known.country}`, known.country)}`,
      facts([
        score("weakness"), score("remoteness"), [word("people"), number(known.people)],
        ...("exposure" in known ? [[word("passing"), percent(known.usage)], [word("score.exposure"), scored(known.exposure)], [word("score.nearness"), scored(known.nearness)]] : []),
      ]),
      element("p", { class: "hint" }, word("score.interval")),
      "exposure" in known ? element("p", { class: "hint" }, word("score.exposure.unit")) : null,
      ends,
    );
  }

  unsure(properties) {
    const sure = properties && interval(properties);
    return element("p", { class: "hint" }, sure ? rests(this.actions.shown().answer) : word("interval.none"));
  }
}

/** What a sheet at the foot or at the side leaves of a frame. */
function beside(frame, sheet) {
  const side = sheet.top <= frame.top && sheet.left > frame.left;
  return { left: frame.left, top: frame.top, right: side ? Math.min(frame.right, sheet.left) : frame.right, bottom: side ? frame.bottom : Math.min(frame.bottom, sheet.top) };
}

function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined);
  return element("dl", {}, ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

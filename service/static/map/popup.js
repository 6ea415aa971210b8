/** What a click on the map tells of a gateway, a corridor or a district. */

import { element } from "./element.js";
import { spot } from "./ends.js";
import { change, EXTRA_HOURS, hoursAt, question } from "./question.js";
import { unitOf } from "./score.js";
import { interval } from "./tables.js";
import { named, number, percent, points, word, wordOr } from "./words.js";

/** Tell of what is under a click, the smallest thing first. */
export class Popups {
  /** `actions`: `changed`, `choose(feature)`, `ends`, and `shown()` for the answers on the map. */
  constructor(map, actions) {
    this.map = map;
    this.actions = actions;
    map.on("click", (event) => this.click(event));
    for (const layer of ["gateway", "corridor"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
  }

  click(event) {
    if (this.actions.ends.take(event.lngLat)) return;
    const near = 5;
    const box = [[event.point.x - near, event.point.y - near], [event.point.x + near, event.point.y + near]];
    const gateway = this.nearest(this.map.queryRenderedFeatures(box, { layers: ["gateway"] }), event.point);
    const lines = this.map.queryRenderedFeatures(box, { layers: ["corridor"] });
    const [unit] = this.map.queryRenderedFeatures(event.point, { layers: ["unit"] });
    if (gateway) this.gateway(gateway.properties.id);
    else if (lines.length) this.corridors(lines, event.lngLat);
    else this.ground(unit, event.lngLat);
  }

  /** The one whose middle is nearest: marks lie over each other where crossings are close. */
  nearest(features, point) {
    const far = ({ geometry }) => this.map.project(geometry.coordinates).dist(point);
    return features.sort((a, b) => far(a) - far(b))[0];
  }

  open(at, ...content) {
    this.popup?.remove();
    const body = element("div", {}, ...content);
    this.popup = new maplibregl.Popup({ maxWidth: "19rem", focusAfterOpen: true }).setLngLat(at).setDOMContent(body).addTo(this.map);
    this.popup.getElement().querySelector(".maplibregl-popup-close-button").setAttribute("aria-label", word("close"));
  }

  shut() {
    this.popup?.remove();
  }

  /** Tell of a gateway, and let it be closed or made dearer. */
  gateway(id) {
    const { answer, before } = this.actions.shown();
    const now = answer.gateways.find((other) => other.id === id);
    const was = before?.gateways.find((other) => other.id === id);
    const gateway = now ?? was;
    if (!gateway) return;
    const closed = question.close.includes(id), hours = hoursAt(id);
    const countries = [gateway.country_a, gateway.country_b].filter(Boolean);
    const act = (what) => () => {
      change(id, what);
      this.shut();
      this.actions.changed();
    };
    const button = (key, what) => element("button", { type: "button", onclick: act(what) }, word(key, { hours: number(EXTRA_HOURS) }));
    this.open(
      [gateway.x, gateway.y],
      element("h3", {}, named(gateway.name)),
      element("p", {}, [word(`kind.${gateway.kind}`), countries.map((code) => wordOr(`country.${code}`, code)).join(" – ")].filter(Boolean).join(", ")),
      facts([
        [word("usage"), percent(now?.usage ?? 0)],
        [word("interval"), now ? interval(now) : null],
        [word("before"), before ? percent(was?.usage ?? 0) : null],
        [word("change"), before ? points((now?.usage ?? 0) - (was?.usage ?? 0)) : null],
        [word("strengthened"), hours ? word("hours.more", { hours: number(hours) }) : null],
      ]),
      this.unsure(now),
      element("div", { class: "row" }, closed ? button("reopen", {}) : button("shut", { closed: true }),
        closed ? null : hours ? button("weaken", {}) : button("strengthen", { hours: EXTRA_HOURS })),
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
    const told = feature.properties;
    this.actions.choose(feature, { zoom: false });
    const part = (mode) => (told[`km_${mode}`] > 0.5 ? `${word(`mode.${mode}`)} ${number(told[`km_${mode}`])} km` : null);
    this.open(
      at,
      element("h3", {}, named(told.name)),
      element("p", {}, `${told.origin} → ${told.destination}`),
      facts([
        [word("usage"), percent(told.usage)],
        [word("interval"), interval(told)],
        [word("hours"), number(told.hours, 1)],
        [word("km"), number(told.km)],
        [word("cost"), number(told.cost, 1)],
      ]),
      element("p", {}, ["road", "trail", "river", "sea"].map(part).filter(Boolean).join(", ")),
      this.unsure(told),
      ...more,
    );
  }

  /** Tell of a district, and let an end be set here. */
  async ground(unit, at) {
    const place = spot(at.lng, at.lat);
    const end = (side) => element("button", { type: "button", onclick: () => { this.shut(); this.actions.ends.set(side, place); } }, word(`here.${side}`));
    const ends = element("div", { class: "row" }, end("from"), end("to"));
    if (!unit) {
      this.open(at, element("h3", {}, word("here")), ends);
      return;
    }
    const known = await unitOf(unit.properties.unit);
    const score = (name) => [word(`score.${name}`), `${number(known[name], 2)} (${number(known[`${name}_low`], 2)} – ${number(known[`${name}_high`], 2)})`];
    this.open(
      at,
      element("h3", {}, `${known.name}, ${wordOr(`country.${known.country}`, known.country)}`),
      facts([score("weakness"), score("remoteness"), [word("people"), number(known.people)]]),
      element("p", { class: "hint" }, word("score.interval")),
      ends,
    );
  }

  unsure(told) {
    return told && interval(told) ? null : element("p", { class: "hint" }, word("interval.none"));
  }
}

function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined);
  return element("dl", {}, ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

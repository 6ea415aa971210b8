/** Tables beside the map: corridors, and how the use of gateways moves. */

import { element, find, settings, show } from "./element.js";
import { stepOf } from "./symbols.js";
import { named, number, percent, points, word } from "./words.js";

/** Corridors that are listed at first. */
export const FIRST = 12;

/** Usage with its interval of 5 to 95 %, where draws have given one. */
export function interval({ usage_low: low, usage_high: high }) {
  return low === undefined || low === null ? null : `${percent(low)} – ${percent(high)}`;
}

/** List the corridors; `choose` is called with the one that is wanted. */
export function listCorridors(features, { whole = false, chosen = null, choose, more }) {
  const rows = (whole ? features : features.slice(0, FIRST)).map((feature) => row(feature, chosen, choose));
  find("corridor-rows").replaceChildren(...rows);
  const button = find("more");
  button.hidden = whole || features.length <= FIRST;
  button.textContent = word("corridors.more", { count: number(features.length - FIRST) });
  button.onclick = more;
}

function row(feature, chosen, choose) {
  const { rank, name, usage, hours, km } = feature.properties;
  const range = interval(feature.properties);
  const dot = element("span", { class: "swatch", "aria-hidden": "true" });
  dot.style.background = settings.usage[stepOf(settings.usage, usage)].colour;
  const pick = () => choose(feature);
  const button = element("button", { type: "button", class: "link" }, dot, named(name));
  return element(
    "tr",
    { "data-id": feature.id, class: feature.id === chosen ? "chosen" : null, onclick: pick },
    element("td", { class: "number" }, number(rank)),
    element("th", { scope: "row" }, button),
    element("td", { class: "number" }, percent(usage), range ? element("span", { class: "range" }, range) : null),
    element("td", { class: "number" }, number(hours, 1)),
    element("td", { class: "number" }, number(km)),
  );
}

/** Gateways with their usage before and after, the most changed first. */
export function movements(before, after) {
  const was = new Map(before.gateways.map((gateway) => [gateway.id, gateway]));
  const is = new Map(after.gateways.map((gateway) => [gateway.id, gateway]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((id) => {
      const [from, to] = [was.get(id)?.usage ?? 0, is.get(id)?.usage ?? 0];
      return { ...(was.get(id) ?? is.get(id)), id, from, to, change: to - from };
    })
    .filter(({ change }) => Math.abs(change) >= 0.0005)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

/** List where usage has moved; hidden when there is nothing to compare with. */
export function listMovements(before, after, closed) {
  show("moved", Boolean(before));
  if (!before) return;
  const rows = movements(before, after).map(({ id, name, from, to, change }) =>
    element(
      "tr",
      { "data-id": id },
      element("th", { scope: "row", class: closed.includes(id) ? "shut" : null }, named(name)),
      element("td", { class: "number" }, percent(from)),
      element("td", { class: "number" }, percent(to)),
      element("td", { class: `number ${change < 0 ? "less" : "more"}` }, points(change)),
    ),
  );
  const none = element("tr", {}, element("td", { colspan: 4 }, word("moved.none")));
  find("moved-rows").replaceChildren(...(rows.length ? rows : [none]));
}

/** List the ways beside the best path, when they were asked for. */
export function listWays(ways, choose) {
  show("ways", Boolean(ways));
  if (!ways) return;
  const others = ways.features.filter(({ properties }) => properties.rank > 1);
  const items = others.map((way) => {
    const { name, hours, km, slack } = way.properties;
    const told = word("ways.item", { name: named(name), hours: number(hours, 1), km: number(km), slack: percent(slack) });
    return element("li", {}, element("button", { type: "button", class: "link", onclick: () => choose(way) }, told));
  });
  find("way-list").replaceChildren(...(items.length ? items : [element("li", {}, word("ways.none"))]));
}

/** The tables of corridors, and of the ways beside the best. */

import { interval } from "../answer/answer.js";
import { element, find, settings, show } from "../document/element.js";
import { named, number, percent, word } from "../document/words.js";
import { stepOf } from "../drawing/symbols.js";
import { fill, FIRST } from "./rows.js";

/** List the corridors; `choose` is called with the one that is wanted. */
export function listCorridors(features, { unfolded = false, chosen = null, choose, more }) {
  const rows = (unfolded ? features : features.slice(0, FIRST)).map((feature) => row(feature, chosen, choose));
  fill("corridor-rows", rows);
  const button = find("more");
  button.hidden = unfolded || features.length <= FIRST;
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

/** List the ways beside the best path, when they were asked for. */
export function listWays(ways, choose) {
  show("ways", Boolean(ways));
  if (!ways) return;
  const others = ways.features.filter(({ properties }) => properties.rank > 1);
  const items = others.map((way) => {
    const { name, hours, km, slack } = way.properties;
    const text = word("ways.item", { name: named(name), hours: number(hours, 1), km: number(km), slack: percent(slack) });
    return element("li", {}, element("button", { type: "button", class: "link", onclick: () => choose(way) }, text));
  });
  find("way-list").replaceChildren(...(items.length ? items : [element("li", {}, word("ways.none"))]));
}

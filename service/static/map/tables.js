/** Tables beside the map: corridors, and how the use of gateways moves. */

import { element, find, settings, show } from "./element.js";
import { changes, EDITED, isIn, question } from "./question.js";
import { stepOf } from "./symbols.js";
import { named, number, percent, points, word } from "./words.js";

/** Corridors and gateways that are listed at first. */
export const FIRST = 12;
/** The least change that is drawn and told: one point of the flow. */
export const LEAST_CHANGE = 0.01;
const TOLD = 3;
let allGateways = false;

/** Put rows into a table; the row that had the focus keeps it. */
export function fill(id, rows) {
  const table = find(id);
  const focused = table.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.id : null;
  table.replaceChildren(...rows);
  if (focused) rows.find((row) => row.dataset.id === focused)?.querySelector("button")?.focus();
}

/** Usage with its interval of 5 to 95 %, where draws have given one. */
export function interval({ usage_low: low, usage_high: high }) {
  return low === undefined || low === null ? null : `${percent(low)} – ${percent(high)}`;
}

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

/** List the gateways in use after those that are closed; `open` is called with the one that is wanted. */
export function listGateways(gateways, open) {
  const rows = (allGateways ? gateways : gateways.slice(0, FIRST)).map((gateway) =>
    element(
      "tr",
      { "data-id": gateway.id },
      element("th", { scope: "row" }, opener(gateway, open), element("span", { class: "range" }, word(`kind.${gateway.kind}`))),
      element("td", { class: "number" }, gateway.closed ? word("closed") : percent(gateway.usage)),
      element("td", { class: "number" }, interval(gateway) ?? "–"),
    ));
  fill("gateway-rows", rows);
  const button = find("more-gateways");
  button.hidden = allGateways || gateways.length <= FIRST;
  button.textContent = word("corridors.more", { count: number(gateways.length - FIRST) });
  button.onclick = () => {
    allGateways = true;
    listGateways(gateways, open);
    find("gateway-rows").children[FIRST].querySelector("button").focus();
  };
}

const opener = ({ id, name }, open) =>
  element("button", { type: "button", class: "link", onclick: () => open(id) }, named(name));

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
export function listMovements(before, after, open) {
  show("moved", Boolean(before));
  show("caption", Boolean(before));
  if (!before) return;
  const moves = movements(before, after);
  for (const id of ["went", "caption"]) find(id).textContent = went(moves);
  const rows = moves.map(({ id, name, from, to, change }) =>
    element(
      "tr",
      { "data-id": id },
      element("th", { scope: "row", class: isIn(question.close, { id, name }) ? "shut" : null }, opener({ id, name }, open)),
      element("td", { class: "number" }, percent(from)),
      element("td", { class: "number" }, percent(to)),
      element("td", { class: `number ${change < 0 ? "less" : "more"}` }, points(change)),
    ),
  );
  const none = element("tr", {}, element("td", { colspan: 4 }, word("moved.none")));
  fill("moved-rows", rows.length ? rows : [none]);
}

/** In one sentence, where usage has gone from what was closed, strengthened or avoided. */
function went(moves) {
  const gain = ({ name, change }) => `${named(name)}\u00a0${points(change)}`;
  const editOf = (move) => changes().find(({ id }) => isIn([id], move));
  const edited = moves.filter(editOf);
  const lost = edited.map((move) => `${word(EDITED[editOf(move).list])}: ${gain(move)}`);
  const gains = moves.filter((move) => move.change >= LEAST_CHANGE && !edited.includes(move));
  const most = gains.slice(0, TOLD).map(gain).join(", ");
  const sentence = [...lost, most ? word("went", { gains: most }) : word("went.nowhere")].join("; ");
  return sentence[0].toUpperCase() + sentence.slice(1);
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

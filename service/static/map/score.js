/** Scores of districts: what fills them, and the legend of that. */

import { settings } from "./element.js";
import { ask } from "./service.js";
import { word } from "./words.js";

let exposed = null;

/** How a score is drawn: the property or values, its steps and title; null for none. */
export async function fillOf(score) {
  if (score === "none") return { property: null, steps: null, title: "" };
  const title = word(`score.${score}`);
  if (score !== "exposure") return { property: score, steps: settings.scores, title };
  const units = await exposures();
  const values = Object.fromEntries(units.map(({ id, exposure }) => [id, exposure]));
  return { property: "exposure", values, steps: quantiles(units.map(({ exposure }) => exposure)), title };
}

/** All that is known of a unit: its scores, their parts and intervals. */
export async function unitOf(id) {
  return (await ask(`/collections/admin/items/${encodeURIComponent(id)}`)).properties;
}

/** Exposure by unit in the served result. */
async function exposures() {
  exposed ??= ask("/collections/corridor-admin/items", [["limit", "10000"]])
    .then(({ features }) => features.map(({ properties }) => properties));
  return exposed;
}

/** Exposure has no natural scale: five classes of as many units each, of those exposed at all. */
function quantiles(values) {
  const ranked = values.filter((value) => value > 0).sort((a, b) => a - b);
  const at = (share) => ranked[Math.min(ranked.length - 1, Math.floor(share * ranked.length))] ?? 0;
  return settings.scores.map(({ colour }, i) => ({
    colour, lower: i === 0 ? 0 : at(i / 5), upper: at(Math.min((i + 1) / 5, 0.9999)),
  }));
}

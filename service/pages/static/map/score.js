/** Scores of districts: what fills them, and the legend of that. */

import { settings } from "./element.js";
import { ask, askOnce } from "./service.js";
import { number, word } from "./words.js";

/** How a score is drawn and told; `prefix` names the result on the map, undefined for none. */
export async function fillOf(score, prefix) {
  const plain = { property: null, steps: null, title: "", hint: word(`score.${score}.hint`) };
  if (score === "none") return plain;
  const title = word(`score.${score}`);
  if (score !== "exposure") return { ...plain, property: score, steps: settings.scores, title };
  if (prefix === undefined) return { ...plain, hint: word("score.exposure.none") };
  const values = Object.fromEntries((await exposures(prefix)).map(({ id, exposure }) => [id, exposure]));
  return { ...plain, property: score, values, steps: settings.exposure, title: word("score.exposure.unit") };
}

/** All that is known of a unit: its scores, their parts and intervals, and its exposure in a result. */
export async function unitOf(id, prefix) {
  const [own, result] = await Promise.all([
    ask(`/collections/admin/items/${encodeURIComponent(id)}`),
    prefix === undefined ? [] : exposures(prefix),
  ]);
  return { ...own.properties, ...result.find((unit) => unit.id === id) };
}

/** A score as it is written: exposures are large, the others at most 1. */
export const scored = (value) => number(value, value > 1 ? 0 : 2);

/** Usage and exposure by unit in a result. */
async function exposures(prefix) {
  const { features } = await askOnce(`/collections/${prefix}corridor-admin/items`, [["limit", "10000"]]);
  return features.map(({ properties }) => properties);
}

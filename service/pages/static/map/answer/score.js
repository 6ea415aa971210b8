/** Scores of districts: what fills them, and the legend of that. */

import { settings } from "../document/element.js";
import { number, word } from "../document/words.js";
import { ask, askOnce } from "../requests/service.js";

/** Whether only published results have a score. */
export const ofResult = (score) => score in settings.of_result;

/** How a score is drawn and told; `prefix` names the result on the map, undefined for none. */
export async function fillOf(score, prefix) {
  const plain = { property: null, steps: null, title: "", hint: word(`score.${score}.hint`) };
  if (score === "none") return plain;
  const title = word(`score.${score}`);
  if (!ofResult(score)) return { ...plain, property: score, steps: settings.scores, title };
  if (prefix === undefined) return { ...plain, hint: word(`score.${score}.none`) };
  const values = Object.fromEntries((await units(prefix)).map(({ id, [score]: value }) => [id, value]));
  return { ...plain, property: score, values, steps: settings.of_result[score], title: word(`score.${score}.unit`) };
}

/** All that is known of a unit: its scores, their parts and intervals, and what a result says of it. */
export async function unitOf(id, prefix) {
  const [own, result] = await Promise.all([
    ask(`/collections/admin/items/${encodeURIComponent(id)}`),
    prefix === undefined ? [] : units(prefix),
  ]);
  return { ...own.properties, ...result.find((unit) => unit.id === id) };
}

/** A score as it is written: exposures are large, the others at most 1. */
export const scored = (value) => number(value, value > 1 ? 0 : 2);

/** Usage, exposure and nearness by unit in a result. */
async function units(prefix) {
  const { features } = await askOnce(`/collections/${prefix}corridor-admin/items`, [["limit", "10000"]]);
  return features.map(({ properties }) => properties);
}

/** Names of gateways by id, and of all else that is edited, those too that a flow does not use. */

import { askOnce } from "./service.js";
import { named, word, wordOr } from "./words.js";

const MODES = ["road", "trail", "river", "sea"];

let names = new Map();

/** Fetch the names; gives whether that made them known. */
export async function learnNames() {
  if (names.size) return false;
  const { features } = await askOnce("/collections/gateways/items", [["limit", "10000"]]);
  names = new Map(features.map(({ id, properties }) => [id, properties.name]));
  return true;
}

/** A gateway, a country or a mode in words; what is none of them stays as it is. */
export function nameOf(id) {
  const mode = id.toLowerCase();
  return MODES.includes(mode) ? word(`mode.${mode}`) : wordOr(`country.${id}`, named(names.get(id) ?? id));
}

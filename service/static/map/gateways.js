/** Names of gateways by id, those too that a flow does not use. */

import { askOnce } from "./service.js";
import { named } from "./words.js";

let names = new Map();

/** Fetch the names; gives whether that made them known. */
export async function learnNames() {
  if (names.size) return false;
  const { features } = await askOnce("/collections/gateways/items", [["limit", "10000"]]);
  names = new Map(features.map(({ id, properties }) => [id, properties.name]));
  return true;
}

/** A gateway in words; what is no id of one stays as it is. */
export const nameOf = (id) => named(names.get(id) ?? id);

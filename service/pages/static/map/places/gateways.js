/** Names of gateways and districts by id, and of all else that is edited, those too that a flow does not use. */

import { named, plain, word, wordOr } from "../document/words.js";
import { askOnce } from "../requests/service.js";
import { districts } from "./districts.js";

const MODES = ["road", "trail", "river", "sea", "transfer"];

/** Names by id, and by themselves made plain: an address may spell them in its own way. */
let names = new Map();

/** Fetch the names; gives whether that made them known. */
export async function learnNames() {
  if (names.size) return false;
  const [units, { features }] = await Promise.all([districts(), askOnce("/collections/gateways/items", [["limit", "10000"]])]);
  const all = [...units.map(({ unit, name }) => [unit, name]), ...features.map(({ id, properties }) => [id, properties.name])];
  names = new Map([...all.map(([, name]) => [plain(name), name]), ...all]);
  return true;
}

/** A gateway, a district, a country or a mode in words; what is none of them stays as it is. */
export function nameOf(id) {
  const mode = plain(id), code = id.toUpperCase();
  if (MODES.includes(mode)) return word(`mode.${mode}`);
  return wordOr(`country.${code}`, named(names.get(id) ?? names.get(code) ?? names.get(mode) ?? id));
}

/** The table of districts, which opens each by keyboard. */

import { scored } from "../answer/score.js";
import { element, find } from "../document/element.js";
import { named, word, wordOr } from "../document/words.js";
import { fill } from "./rows.js";

/** List the districts by the score that is drawn; `open` is called with the one that is wanted. */
export function listDistricts(all, { property, values }, open) {
  const score = property ?? "weakness";
  const value = (unit) => (values ? values[unit.unit] : unit[score]) ?? null;
  const rows = [...all].sort((a, b) => value(b) - value(a)).map((unit) =>
    element("tr", { "data-id": unit.unit },
      element("th", { scope: "row" },
        element("button", { type: "button", class: "link", onclick: () => open(unit) }, named(unit.name)),
        element("span", { class: "range" }, wordOr(`country.${unit.country}`, unit.country))),
      element("td", { class: "number" }, scored(value(unit)))));
  fill("district-rows", rows);
  find("district-score").textContent = word(`score.${score}`);
}

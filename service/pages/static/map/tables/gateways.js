/** The tables of gateways: those in use, and how their use moves. */

import { interval } from "../answer/answer.js";
import { LEAST_CHANGE, movements } from "../answer/movements.js";
import { element, find, show } from "../document/element.js";
import { named, number, percent, points, word } from "../document/words.js";
import { changes, EDITED, isIn, question } from "../question/question.js";
import { fill, FIRST } from "./rows.js";

const TOLD = 3;
let allGateways = false;

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

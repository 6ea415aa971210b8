/** The legend: what is drawn, and no more than that. */

import { drawing, element, find, settings } from "../document/element.js";
import { number, word } from "../document/words.js";
import { KEPT } from "./map.js";
import { LESS, markDrawing, MORE } from "./symbols.js";

/** Above this an upper limit stands for none. */
const MOST = 1e6;

/** Write the legend for what the map shows now; the same parts are printed. */
export function writeLegend(drawn) {
  find("legend-body").replaceChildren(...parts(drawn));
}

/** Parts of the legend as elements. */
export function parts({ moving, ways, kinds, events, steps, title }) {
  const flow = moving
    ? [["legend.more", { stroke: MORE, "stroke-width": 4 }], ["legend.less", { stroke: LESS, "stroke-width": 4, "stroke-dasharray": "7 4" }], ["legend.kept", { stroke: KEPT, "stroke-width": 5 }]]
        .map(([key, look]) => item(stroke(look), word(key)))
    : [...settings.usage].reverse().map(({ colour, px, lower, upper }) => item(stroke({ stroke: colour, "stroke-width": px }), range(lower, upper)));
  const extra = ways ? [item(stroke({ stroke: "#00695c", "stroke-width": 3, "stroke-dasharray": "7 4" }), word("legend.way"))] : [];
  const shown = settings.kinds.filter(({ value }) => kinds.has(value));
  const part = (head, items) => element("div", {}, element("h3", {}, head), element("ul", {}, ...items));
  return [
    part(word(moving ? "legend.change" : "legend.flow"), [...flow, ...extra]),
    shown.length ? part(word(moving ? "legend.gateways.change" : "legend.gateways"), shown.map((kind) => item(markDrawing(kind), word(`kind.${kind.value}`)))) : null,
    events ? part(word("events"), [item(markDrawing(settings.event), word("events.legend"))]) : null,
    steps ? part(title, steps.map((step) => item(swatch(step), classOf(step)))) : null,
  ].filter(Boolean);
}

const item = (mark, text) => element("li", {}, mark, element("span", {}, text));

const stroke = (look) =>
  drawing("svg", { width: 30, height: 12, "aria-hidden": "true" }, drawing("line", { x1: 0, x2: 30, y1: 6, y2: 6, ...look }));

const swatch = ({ colour }) =>
  drawing("svg", { width: 22, height: 12, "aria-hidden": "true" },
    drawing("rect", { x: 0.5, y: 0.5, width: 21, height: 11, fill: colour, stroke: "#8b8f92" }));

/** Limits of a class of a score; the last class of exposures has no upper one. */
function classOf({ lower, upper }) {
  if (upper <= 1 && Number.isInteger(lower) && Number.isInteger(upper)) return word("legend.fewer", { value: number(upper) });
  if (upper > MOST) return word("legend.beyond", { value: number(lower) });
  const bound = (value) => number(value, Number.isInteger(value) ? 0 : 1);
  return `${bound(lower)} – ${bound(upper)}`;
}

function range(lower, upper) {
  const share = (value) => number(100 * value);
  if (lower === 0) return word("legend.under", { share: share(upper) });
  return upper >= 1 ? word("legend.over", { share: share(lower) }) : `${share(lower)} – ${share(upper)} %`;
}

/** The page on paper: map, legend, table and caveats on one A4 sheet. */

import { interval, rests } from "../answer/answer.js";
import { movements } from "../answer/movements.js";
import { element, find, settings } from "../document/element.js";
import { named, number, percent, points, word, wordOr } from "../document/words.js";
import { parts } from "../drawing/legend.js";
import { nameOf } from "../places/gateways.js";
import { dearer, EDITED, edits } from "../question/question.js";

const ROWS = 7;

/** Write the sheet for what is on the map now. */
export function writePaper(map, names, { answer, before, question, legend, ends }) {
  const changes = edits().map(({ list, id }) =>
    [`${word(EDITED[list])}: ${nameOf(id)}`, list === "strengthen" ? dearer({ id }) : ""].filter(Boolean).join(", "));
  const about = [ends, word("paper.slack", { share: percent(question.slack) }), ...changes].filter(Boolean).join(". ");
  find("paper").replaceChildren(
    element("h1", {}, wordOr(`profile.${question.profile}`, settings.profiles[question.profile])),
    element("p", {}, about),
    element("img", { src: picture(map, names), alt: word("map") }),
    element("div", { class: "columns" },
      element("div", {}, element("h2", {}, word("corridors")), corridors(answer), element("p", {}, rests(answer)), ...(before ? [element("h2", {}, word("moved")), gateways(before, answer)] : [])),
      element("div", {}, element("h2", {}, word("legend")), ...parts(legend))),
    element("div", { class: "not" }, element("h2", {}, word("not")),
      element("ul", {}, ...["share", "live", "names", "directions", "scale", "sure"].map((point) => element("li", {}, word(`not.${point}`))))),
    element("p", { class: "foot" }, [`Vereda ${settings.version}`, new Date().toISOString().slice(0, 10), ...settings.attributions].join("; ")),
  );
}

function corridors(answer) {
  const head = ["corridor", "usage", "hours", "km"];
  const rows = answer.features.slice(0, ROWS).map(({ properties: row }) => [named(row.name), withInterval(row), number(row.hours, 1), number(row.km)]);
  const rest = answer.features.slice(ROWS);
  const left = rest.reduce((sum, { properties }) => sum + properties.usage, 0);
  if (rest.length) rows.push([word("paper.rest", { count: number(rest.length) }), percent(left), "", ""]);
  return table(head, rows);
}

function withInterval(row) {
  const range = interval(row);
  return `${percent(row.usage)}${range ? ` (${range})` : ""}`;
}

const gateways = (before, after) =>
  table(["gateway", "before", "after", "change"], movements(before, after).slice(0, ROWS).map(({ name, from, to, change }) => [named(name), percent(from), percent(to), points(change)]));

function table(head, rows) {
  const cell = (tag) => (text, i) => element(tag, { class: i ? "number" : null }, text);
  return element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((key, i) => cell("th")(word(key), i)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell("td"))))));
}

/** The map as a picture, with its names and pins, which are no part of its canvas. */
function picture(map, names) {
  map.redraw();
  const source = map.getCanvas();
  const canvas = element("canvas", { width: source.width, height: source.height });
  const pen = canvas.getContext("2d");
  pen.drawImage(source, 0, 0);
  const frame = map.getContainer().getBoundingClientRect();
  const ratio = source.width / frame.width;
  pen.scale(ratio, ratio);
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const { at, made, offset, size } of names.shown) {
    const { x, y } = map.project(at);
    const style = getComputedStyle(made);
    const text = style.textTransform === "uppercase" ? made.textContent.toUpperCase() : made.textContent;
    pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    pen.letterSpacing = style.letterSpacing === "normal" ? "0px" : style.letterSpacing;
    pen.lineWidth = 3;
    pen.strokeStyle = "#ffffff";
    pen.strokeText(text, x + offset[0], y + offset[1] + size.height / 2);
    pen.fillStyle = style.color;
    pen.fillText(text, x + offset[0], y + offset[1] + size.height / 2);
  }
  for (const pin of find("map").querySelectorAll(".maplibregl-marker.pin")) drawPin(pen, pin, frame);
  return cropped(canvas, map, frame, ratio).toDataURL("image/png");
}

/** The part of the picture inside the study area. */
function cropped(canvas, map, frame, ratio) {
  const [west, south, east, north] = settings.bbox;
  const a = map.project([west, north]), b = map.project([east, south]);
  const left = Math.max(a.x, 0), top = Math.max(a.y, 0);
  const width = Math.min(b.x, frame.width) - left, height = Math.min(b.y, frame.height) - top;
  if (!(width > 0 && height > 0)) return canvas;
  const part = element("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  part.getContext("2d").drawImage(canvas, -left * ratio, -top * ratio);
  return part;
}

function drawPin(pen, pin, frame) {
  const { left, top, width, height } = pin.getBoundingClientRect();
  const x = left - frame.left + width / 2, y = top - frame.top + height / 2;
  pen.fillStyle = getComputedStyle(pin).backgroundColor;
  pen.beginPath();
  pen.moveTo(x - width / 4, y + width / 3);
  pen.lineTo(x, y + width / 2 + 7);
  pen.lineTo(x + width / 4, y + width / 3);
  pen.fill();
  pen.beginPath();
  pen.arc(x, y, width / 2 - 1, 0, 2 * Math.PI);
  pen.fill();
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 2;
  pen.stroke();
  pen.fillStyle = "#ffffff";
  pen.font = "bold 14px sans-serif";
  pen.textAlign = "center";
  pen.fillText(pin.textContent, x, y + 1);
  pen.textAlign = "start";
}

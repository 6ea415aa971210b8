/** What is asked and how it is shown; kept in the address, so that a link brings it back. */

import { settings } from "./element.js";
import { spoken, word } from "./words.js";

const LISTS = ["from", "to", "close", "strengthen"];
const EXTRA_WAYS = 3;
export const EXTRA_HOURS = 6;

export const question = {
  profile: settings.profile,
  slack: settings.slack,
  from: [],
  to: [],
  close: [],
  strengthen: [],
  alternatives: false,
  score: "weakness",
  view: "change",
  at: null,
};

/** What was asked when the address was last written or read. */
let written = null;

/** A value of some radio buttons, or the usual one where they have no such. */
const offered = (name, value, usual) =>
  ([...document.querySelectorAll(`input[name="${name}"]`)].some((input) => input.value === value) ? value : usual);

/** Read the question from the address; gives the language it names. */
export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  question.profile = given.get("profile") in settings.profiles ? given.get("profile") : settings.profile;
  const slack = Number.parseFloat(given.get("slack"));
  question.slack = slack >= 0 && slack <= 1 ? slack : settings.slack;
  for (const name of LISTS) question[name] = given.getAll(name);
  question.alternatives = given.has("alternatives");
  question.score = offered("score", given.get("score"), "weakness");
  question.view = offered("view", given.get("view"), "change");
  const at = (given.get("at") ?? "").split(",").map(Number);
  const onEarth = Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 90;
  question.at = at.length === 3 && at.every(Number.isFinite) && onEarth ? at : null;
  written = asked();
  return given.get("lang");
}

/** Write the question into the address; another one is a new entry in the history, but for a gesture that goes on. */
export function writeAddress({ goesOn = false } = {}) {
  const told = new URLSearchParams();
  told.set("lang", spoken());
  told.set("profile", question.profile);
  told.set("slack", String(question.slack));
  for (const name of LISTS) for (const value of question[name]) told.append(name, value);
  if (question.alternatives && between()) told.set("alternatives", "");
  told.set("score", question.score);
  if (edited()) told.set("view", question.view);
  if (question.at) told.set("at", question.at.join(","));
  const another = written !== null && asked() !== written && !goesOn;
  written = asked();
  history[another ? "pushState" : "replaceState"](null, "", `#${told}`);
}

/** Whether something is closed or made dearer. */
export const edited = () => question.close.length + question.strengthen.length > 0;

/** Whether one origin and one destination are asked for. */
export const between = () => question.from.length === 1 && question.to.length === 1;

/** The result that answers this question, of those that are served. */
export function answered() {
  const own = question.from.length + question.to.length === 0;
  return own && settings.results.find(
    (result) => result.profile === question.profile && result.slack === question.slack,
  );
}

/** Parameters of `GET /corridors`; without the edits for how it was before. */
export function parameters({ edits = true } = {}) {
  const given = [["profile", question.profile], ["slack", String(question.slack)]];
  for (const name of edits ? LISTS : ["from", "to"])
    for (const value of question[name]) given.push([name, value]);
  if (question.alternatives && between()) given.push(["alternatives", String(EXTRA_WAYS)]);
  return [...given, ["limit", "10000"]];
}

/** All that decides the answer, as a text. */
export const asked = () => JSON.stringify(parameters());

/** Body of `POST /corridors`. */
export function body(draws) {
  const told = { profile: question.profile, slack: question.slack, draws };
  for (const name of LISTS) if (question[name].length) told[name] = question[name];
  return told;
}

/** What `NAME=HOURS` or `NAME=xFACTOR` makes dearer. */
const target = (text) => text.slice(0, text.lastIndexOf("="));

/** What is closed or made dearer, by id or name. */
export const edits = () => [...question.close, ...question.strengthen.map(target)];

/** By how much a gateway is made dearer, in words; empty when it is not. */
export function dearer(id) {
  const entry = question.strengthen.find((text) => target(text) === id);
  if (!entry) return "";
  const [, times, amount] = entry.match(/=\s*(x?)([^=]*)$/i);
  const told = new Intl.NumberFormat(spoken()).format(Number(amount));
  return times ? word("times.more", { factor: told }) : word("hours.more", { hours: told });
}

/** Close a gateway, open it again, or make passing it dearer by some hours. */
export function change(id, { closed = false, hours = 0 }) {
  question.close = question.close.filter((other) => other !== id);
  question.strengthen = question.strengthen.filter((text) => target(text) !== id);
  if (closed) question.close.push(id);
  else if (hours) question.strengthen.push(`${id}=${hours}`);
}

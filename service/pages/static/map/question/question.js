/** What is asked and how it is shown; kept in the address, so that a link brings it back. */

import { settings } from "../document/element.js";
import { plain, spoken, word } from "../document/words.js";
import { onEarth } from "../requests/service.js";

const LISTS = ["from", "to", "via", "avoid", "close", "strengthen"];
/** What is left out for how it was before: what is passed on the way is a part of the question. */
const EDITS = ["avoid", "close", "strengthen"];
export const EXTRA_WAYS = 3;
/** The ends that are asked for at first: those of the flow itself, but where it is not at home. */
export const usualEnds = () => ({ from: [...(settings.ends.from ?? [])], to: [...(settings.ends.to ?? [])] });
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
export const EXTRA_HOURS = 6;

export const question = {
  profile: settings.profile,
  slack: settings.slack,
  from: [],
  to: [],
  via: [],
  avoid: [],
  close: [],
  strengthen: [],
  alternatives: 0,
  score: "weakness",
  view: "change",
  at: null,
  /** What a link says wrongly: `name` and `value`; nothing is asked as long as it is there. */
  wrong: null,
};

/** What was asked when the address was last written or read. */
let written = null;

/** A value of some radio buttons, or the usual one where they have no such. */
const offered = (name, value, usual) =>
  ([...document.querySelectorAll(`input[name="${name}"]`)].some((input) => input.value === value) ? value : usual);

/** Behind `?` is what a link asks, as `GET /corridors` takes it; behind `#` the page keeps its own, which wins. */
function linked() {
  const asks = new URLSearchParams(location.search), own = new URLSearchParams(location.hash.slice(1));
  for (const name of own.keys()) asks.delete(name);
  return { asks, all: new URLSearchParams([...asks, ...own]) };
}

/** What is wrong by itself in the link of somebody else; what only the service knows is left to it. */
const CHECKS = {
  profile: (value) => Object.hasOwn(settings.profiles, value),
  slack: (value) => NUMBER.test(value) && Number(value) >= 0 && Number(value) <= settings.most.slack,
  alternatives: (value) => /^\d+$/.test(value) && Number(value) <= settings.most.alternatives && (Number(value) === 0 || hasWays()),
  limit: (value) => /^\d+$/.test(value) && Number(value) > 0,
};

/** Read the question from the address; gives the language it names. */
export function readAddress() {
  const { asks, all } = linked();
  question.profile = CHECKS.profile(all.get("profile")) ? all.get("profile") : settings.profile;
  const slack = all.get("slack") ?? "";
  question.slack = CHECKS.slack(slack) ? Number(slack) : settings.slack;
  for (const name of LISTS) question[name] = all.getAll(name);
  if (!all.has("from") && !all.has("to")) Object.assign(question, usualEnds());
  const ways = all.get("alternatives");
  question.alternatives = ways && CHECKS.alternatives(ways) ? Number(ways) : ways === "" ? EXTRA_WAYS : 0;
  question.score = offered("score", all.get("score"), "weakness");
  question.view = offered("view", all.get("view"), "change");
  const at = (all.get("at") ?? "").split(",").map(Number);
  question.at = at.length === 3 && at.every(Number.isFinite) && onEarth(at) ? at : null;
  const [name, value] = [...asks].find(([name, value]) => CHECKS[name] && !CHECKS[name](value)) ?? [];
  question.wrong = name ? { name, value } : null;
  written = questionKey();
  return all.get("lang");
}

/** Write the question into the address; another one is a new entry in the history, but for a gesture that goes on. */
export function writeAddress({ goesOn = false } = {}) {
  // A link that cannot be followed stays as it is, to be put right or loaded again.
  if (question.wrong) return;
  const hash = new URLSearchParams();
  hash.set("lang", spoken());
  hash.set("profile", question.profile);
  hash.set("slack", String(question.slack));
  for (const name of LISTS) for (const value of question[name]) hash.append(name, value);
  if (question.alternatives && hasWays()) hash.set("alternatives", String(question.alternatives));
  hash.set("score", question.score);
  if (edited()) hash.set("view", question.view);
  if (question.at) hash.set("at", question.at.join(","));
  const another = written !== null && questionKey() !== written && !goesOn;
  written = questionKey();
  history[another ? "pushState" : "replaceState"](null, "", `${location.pathname}#${hash}`);
}

/** Whether something is closed, avoided or made dearer. */
export const edited = () => EDITS.some((name) => question[name].length);

/** Whether one origin and one destination are asked for. */
export const between = () => question.from.length === 1 && question.to.length === 1;

/** Whether alternatives can be asked for: they pass where they like, so that nothing may have to be passed. */
export const hasWays = () => between() && !question.via.length;

/** The result that answers this question, of those that are served. */
export function answered() {
  const own = question.from.length + question.to.length + question.via.length === 0;
  return own && settings.results.find(
    (result) => result.profile === question.profile && result.slack === question.slack,
  );
}

/** Parameters of `GET /corridors`; without the edits for how it was before. */
export function parameters({ edits = true } = {}) {
  const pairs = [["profile", question.profile], ["slack", String(question.slack)]];
  for (const name of LISTS.filter((name) => edits || !EDITS.includes(name)))
    for (const value of question[name]) pairs.push([name, value]);
  if (question.alternatives && hasWays()) pairs.push(["alternatives", String(question.alternatives)]);
  return [...pairs, ["limit", "10000"]];
}

/** All that decides the answer, as a text. */
export const questionKey = () => JSON.stringify(parameters());

/** Body of `POST /corridors`. */
export function body(draws) {
  const scenario = { profile: question.profile, slack: question.slack, draws };
  for (const name of LISTS) if (question[name].length) scenario[name] = question[name];
  return scenario;
}

/** What `NAME=HOURS` or `NAME=xFACTOR` makes dearer. */
const target = (text) => (text.includes("=") ? text.slice(0, text.lastIndexOf("=")) : text).trim();

/** Keys of the words for what is done to a thing, by list. */
export const EDITED = { close: "closed", strengthen: "strengthened", avoid: "avoided", via: "passed" };

/** What is closed, made dearer, avoided or passed: each with its list, its text there, and its id or name. */
export const edits = () => ["close", "strengthen", "avoid", "via"].flatMap((list) =>
  question[list].map((text) => ({ list, text, id: list === "strengthen" ? target(text) : text })));

/** Those of `edits` that change the answer: what is passed on the way is a part of the question. */
export const changes = () => edits().filter(({ list }) => EDITS.includes(list));

/** Whether a gateway is among some; an address may give its name instead of its id, in capitals or without accents. */
export const isIn = (names, { id, name = id }) => names.some((text) => text === id || plain(text) === plain(name));

/** By how much a gateway is made dearer, in words; empty when it is not. */
export function dearer(gateway) {
  const entry = question.strengthen.find((text) => isIn([target(text)], gateway));
  if (!entry) return "";
  const [, times, amount] = entry.match(/=\s*(x?)([^=]*)$/i) ?? ["", "", entry];
  const figure = NUMBER.test(amount) ? new Intl.NumberFormat(spoken()).format(Number(amount)) : amount;
  return times ? word("times.more", { factor: figure }) : word("hours.more", { hours: figure });
}

/** Close a gateway, open it again, or make passing it dearer by some hours. */
export function change(gateway, { closed = false, hours = 0 }) {
  question.close = question.close.filter((other) => !isIn([other], gateway));
  question.strengthen = question.strengthen.filter((text) => !isIn([target(text)], gateway));
  if (closed) question.close.push(gateway.id);
  else if (hours) question.strengthen.push(`${gateway.id}=${hours}`);
}

/** Take one of `edits` back. */
export function undo({ list, text }) {
  question[list] = question[list].filter((other) => other !== text);
}

/** What is asked and how it is shown; kept in the address, so that a link brings it back. */

import { settings } from "./element.js";
import { spoken } from "./words.js";

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

/** Read the question from the address; gives the language it names. */
export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  question.profile = given.get("profile") in settings.profiles ? given.get("profile") : settings.profile;
  const slack = Number.parseFloat(given.get("slack"));
  question.slack = slack >= 0 && slack <= 1 ? slack : settings.slack;
  for (const name of LISTS) question[name] = given.getAll(name);
  question.alternatives = given.has("alternatives");
  question.score = given.get("score") ?? "weakness";
  question.view = given.get("view") ?? "change";
  const at = (given.get("at") ?? "").split(",").map(Number);
  question.at = at.length === 3 && at.every(Number.isFinite) ? at : null;
  return given.get("lang");
}

/** Write the question into the address, without a new entry in the history. */
export function writeAddress() {
  const told = new URLSearchParams();
  told.set("lang", spoken());
  told.set("profile", question.profile);
  told.set("slack", String(question.slack));
  for (const name of LISTS) for (const value of question[name]) told.append(name, value);
  if (question.alternatives && between()) told.set("alternatives", "");
  told.set("score", question.score);
  if (edited()) told.set("view", question.view);
  if (question.at) told.set("at", question.at.join(","));
  history.replaceState(null, "", `#${told}`);
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

/** Body of `POST /corridors`. */
export function body(draws) {
  const told = { profile: question.profile, slack: question.slack, draws };
  for (const name of LISTS) if (question[name].length) told[name] = question[name];
  return told;
}

/** Hours that a gateway is made dearer by, 0 when it is not. */
export function hoursAt(id) {
  const entry = question.strengthen.find((text) => text.startsWith(`${id}=`));
  return entry ? Number(entry.slice(id.length + 1)) : 0;
}

/** Close a gateway, open it again, or make passing it dearer by some hours. */
export function change(id, { closed = false, hours = 0 }) {
  question.close = question.close.filter((other) => other !== id);
  question.strengthen = question.strengthen.filter((text) => !text.startsWith(`${id}=`));
  if (closed) question.close.push(id);
  else if (hours) question.strengthen.push(`${id}=${hours}`);
}

/** The map page: asks the service, and lets map, tables and address follow. */

import { answers, rests, withIntervals } from "./answer/answer.js";
import { Job } from "./answer/job.js";
import { movements } from "./answer/movements.js";
import { fillOf, ofResult } from "./answer/score.js";
import { element, find, settings, show } from "./document/element.js";
import { named, number, percent, speak, spoken, word, wordOr } from "./document/words.js";
import { drawEvents, eventsShown } from "./drawing/events.js";
import { writeLegend } from "./drawing/legend.js";
import { drawAnswer, drawChosen, drawScore, makeMap, show as bring } from "./drawing/map.js";
import { Names } from "./drawing/names.js";
import { Popups } from "./drawing/popup.js";
import { districts, ground } from "./places/districts.js";
import { learnNames, nameOf } from "./places/gateways.js";
import { gazetteer } from "./places/search.js";
import { writePaper } from "./printing/paper.js";
import { Ends, endText } from "./question/ends.js";
import { answered, between, dearer, EDITED, edits, EXTRA_WAYS, hasWays, isIn, parameters, question, questionKey, readAddress, undo, usualEnds, writeAddress } from "./question/question.js";
import { downloadLinks, offer } from "./requests/download.js";
import { address, Misread, Problem, useToken } from "./requests/service.js";
import { listCorridors, listWays } from "./tables/corridors.js";
import { listDistricts } from "./tables/districts.js";
import { listGateways, listMovements } from "./tables/gateways.js";
import { FIRST } from "./tables/rows.js";

const WAIT_MS = 250;
const DRAG_MS = 120;
const UNDONE = { close: "reopen", strengthen: "weaken", avoid: "remove", via: "remove" };
const NOTHING = { answer: { features: [], gateways: [] }, before: null };

let map, names, ends, popups, job;
/** The answers on the map and what was asked for them; null when there are none. */
let shown = null;
/** What went wrong and is not mended, by what was wanted: the error, and how to try again. */
const failures = new Map();
let running = null;
let pending = false;
let gesture = false;
let timer = 0;
let unfolded = false;
let chosen = null;
let fill = { property: null, steps: null, title: "", hint: "" };

/** Whether what is shown answers the question as it stands. */
const settled = () => shown?.key === questionKey();

/** Ask again, a moment after the last change, or every moment while a pin is dragged; all steps of a gesture are one change. */
function changed({ dragging = false, step = dragging, followed = false } = {}) {
  if (!followed) question.wrong = null;
  pending = true;
  writeAddress({ goesOn: gesture });
  gesture = step;
  drawQuestion();
  tell();
  if (dragging && timer) return;
  if (!dragging) ends.draw(settled() ? shown.answer : null);
  clearTimeout(timer);
  timer = setTimeout(refresh, dragging ? DRAG_MS : WAIT_MS);
}

/** Ask; what is under way is given up, but for a pin that moves: its answers are drawn in turn. */
async function refresh() {
  timer = 0;
  if (ends?.dragging && running) {
    timer = setTimeout(refresh, DRAG_MS);
    return;
  }
  running?.abort();
  running = new AbortController();
  const mine = running, wanted = questionKey();
  job.stop("sure.hint");
  find("busy").hidden = false;
  find("results").setAttribute("aria-busy", "true");
  let error = null;
  try {
    if (question.wrong) throw new Misread(question.wrong);
    const views = await answers(mine.signal);
    if (mine !== running) return;
    shown = { ...views, key: wanted };
  } catch (caught) {
    if (mine !== running) return;
    shown = null;
    error = caught;
  }
  running = null;
  pending = timer !== 0;
  chosen = null;
  unfolded = false;
  find("busy").hidden = true;
  find("results").removeAttribute("aria-busy");
  failures.delete("answer");
  if (error) failures.set("answer", { error, again: changed });
  draw();
  tellFailure();
  if (!ends.dragging) await ends.draw(shown?.answer);
  if (error && failures.get("answer")?.error === error) turnTo(error);
}

/** Do something that may fail, such as fetching a layer; what goes wrong is told, and can be tried again. */
async function attempt(what, task) {
  try {
    await task();
    failures.delete(what);
  } catch (error) {
    fail(what, error, () => attempt(what, task));
  }
  tellFailure();
}

function fail(what, error, again) {
  failures.set(what, { error, again });
  tellFailure();
  turnTo(error);
}

/** Bring what went wrong into view, once all above it is drawn. */
function turnTo(error) {
  if (!ends?.dragging) find("error").scrollIntoView({ block: "nearest" });
  if (error.status === 401 || error.status === 403) {
    show("token-field", true);
    find("token").focus();
  }
}

/** Say in plain words what went wrong last, and offer to try again where that may help. */
function tellFailure() {
  const { error } = [...failures.values()].at(-1) ?? {};
  show("error", Boolean(error));
  if (!error) return;
  const known = error instanceof Problem;
  const saying = known ? element("span", { class: "said" }, word(error.saying), element("span", { lang: error.lang }, error.message)) : "";
  const again = !known || error.status >= 500 || error.status === 429;
  const button = again ? element("button", { type: "button", onclick: tryAgain }, word("error.again")) : "";
  const reason = known ? error.reason : word("error.network");
  find("error").replaceChildren(word("error", { reason }), saying, " ", button);
}

function tryAgain() {
  for (const { again } of [...failures.values()]) again();
}

/** Tell in one sentence how things stand, and offer what is shown as a file or on paper only if it is the answer. */
function tell() {
  const ready = settled(), failed = failures.has("answer") && !pending;
  document.body.dataset.state = ready ? "drawn" : failed ? "failed" : "asking";
  for (const id of ["save", "print"]) find(id).disabled = !ready;
  const waiting = word(shown ? "status.again" : "status.computing");
  find("status").textContent = ready ? summary(viewed()) : failed ? "" : waiting;
}

function summary({ features, live, search }) {
  const [first] = features;
  const blanks = { count: number(features.length), name: named(first?.properties.name ?? ""), share: percent(first?.properties.usage ?? 0) };
  const many = features.length > 1 ? "status.many" : features.length ? "status.one" : "status.none";
  const cut = search?.cut_off ? ` ${word("status.cut")}` : "";
  return `${word(many, blanks)} ${word(live ? "status.live" : "status.served")}${cut}`;
}

/** Draw the answers that are there: map, names, tables, legend, one sentence. */
function draw() {
  const { answer, before } = shown ?? NOTHING;
  const view = viewed();
  drawAnswer(map, { answer, before, view: question.view, closed: shut(before).map(({ id }) => id) });
  names.setGateways(question.view === "change" && before ? movements(before, answer) : view.gateways);
  drawEdits();
  drawTables();
  writeLegend(legend());
  for (const score in settings.of_result) show(`${score}-field`, prefix() !== undefined || question.score === score);
  if (ofResult(question.score)) attempt("fill", drawFill);
  writeAddress();
  tell();
}

/** Gateways with usage before that are closed now. */
const shut = (before) => (before?.gateways ?? []).filter((gateway) => isIn(question.close, gateway));

/** The answer that is looked at: before the edits, or with them. */
function viewed() {
  const { answer, before } = shown ?? NOTHING;
  return question.view === "before" && before ? before : answer;
}

/** Where the layers of the result begin that is on the map; undefined where the answer is computed. */
const prefix = () => (settled() && !shown.answer.live ? answered().prefix : undefined);

function drawTables() {
  const { answer, before } = shown ?? NOTHING;
  const view = viewed(), open = (id) => popups.gateway(id);
  const closed = view === before ? [] : shut(before);
  listGateways([...closed.map((gateway) => ({ ...gateway, closed: true })), ...view.gateways], open);
  const text = rests(answer);
  show("rests", Boolean(text));
  find("rests").textContent = text;
  listCorridors(view.features, { unfolded, chosen, choose, more: () => { unfolded = true; drawTables(); find("corridor-rows").children[FIRST]?.querySelector("button").focus(); } });
  listMovements(before, answer, open);
  listWays(answer.alternatives, choose);
}

function legend() {
  const { answer, before } = shown ?? NOTHING;
  return {
    moving: question.view === "change" && Boolean(before),
    ways: Boolean(answer.alternatives),
    kinds: new Set([...answer.gateways, ...(before?.gateways ?? [])].map(({ kind }) => kind)),
    events: eventsShown(),
    steps: fill.steps,
    title: fill.title,
  };
}

/** Draw one corridor above the others and mark its row. */
function choose(feature, { zoom = true } = {}) {
  chosen = feature.id ?? feature.properties.id;
  drawChosen(map, feature, { zoom });
  for (const row of find("corridor-rows").children) row.classList.toggle("chosen", row.dataset.id === chosen);
}

/** Show the question in the controls. */
function drawQuestion() {
  find("profile").replaceChildren(...Object.entries(settings.profiles).map(([name, title]) =>
    element("option", { value: name, selected: name === question.profile }, wordOr(`profile.${name}`, title))));
  if (question.wrong?.name === "profile") find("profile").selectedIndex = -1;
  find("slack").value = question.slack;
  find("slack").setAttribute("aria-valuetext", percent(question.slack));
  find("slack-told").textContent = percent(question.slack);
  show("alternatives-field", between());
  find("alternatives").checked = question.alternatives > 0 && hasWays();
  find("alternatives").disabled = !hasWays();
  show("alternatives-hint", between() && !hasWays());
  drawEdits();
  for (const input of document.querySelectorAll('input[name="view"]')) input.checked = input.value === question.view;
  for (const input of document.querySelectorAll('input[name="score"]')) input.checked = input.value === question.score;
  find("live").href = address("/corridors", parameters());
}

/** List what is closed, strengthened, avoided or passed. */
function drawEdits() {
  const all = edits();
  show("edits", all.length > 0);
  find("edited").replaceChildren(...all.map(editItem));
  if (all.length) attempt("names", async () => { if (await learnNames()) drawEdits(); });
}

function editItem(edit) {
  const { list, id } = edit, name = nameOf(id);
  const what = list === "strengthen" ? dearer({ id }) : word(EDITED[list]);
  const takeBack = () => {
    undo(edit);
    changed();
    find("results").focus();
  };
  return element("li", {}, element("span", {}, `${name}: ${what}`),
    element("button", { type: "button", "aria-label": word("undo", { name }), onclick: takeBack }, word(UNDONE[list])));
}

async function drawGround() {
  const drawn = await ground();
  map.getSource("ground").setData(drawn);
  names.setGround(drawn.features);
}

async function drawFill() {
  const wanted = () => [question.score, ofResult(question.score) ? prefix() : ""];
  const [score, result] = wanted();
  const [wantedFill, all] = await Promise.all([fillOf(score, result), districts()]);
  if (String(wanted()) !== String([score, result])) return;
  fill = wantedFill;
  drawScore(map, fill);
  find("score-told").textContent = fill.hint;
  listDistricts(all, fill, ({ unit, at }) => popups.ground({ properties: { unit } }, at));
  writeLegend(legend());
}

/** Say everything in a language, on the page and on the map. */
async function say(language) {
  await speak(language);
  drawQuestion();
  job.say();
  names.translate();
  ends.point(null);
  popups.shut();
  await attempt("fill", drawFill);
  draw();
  await ends.draw(settled() ? shown.answer : null);
}

/** Offer the answer as a file. */
function save() {
  const record = { type: "FeatureCollection", ...shown.answer };
  delete record.live;
  offer(new Blob([JSON.stringify(record)], { type: "application/geo+json" }), `vereda-${question.profile}.geojson`);
}

async function copy() {
  writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    find("status").textContent = word("take.copied");
  } catch {
    find("status").textContent = location.href;
  }
}

function paper() {
  if (!settled()) {
    find("paper").replaceChildren(element("p", {}, word("paper.none")));
    return;
  }
  const sides = ["from", "to"].filter((side) => question[side].length).map((side) => `${word(side)}: ${question[side].map(endText).join(", ")}`);
  writePaper(map, names, { ...shown, question, legend: legend(), ends: sides.join("; ") });
}

function listen() {
  find("question").addEventListener("submit", (event) => event.preventDefault());
  find("profile").addEventListener("change", ({ target }) => { question.profile = target.value; changed(); });
  find("slack").addEventListener("input", ({ target }) => { question.slack = Number(target.value); changed({ step: true }); });
  find("slack").addEventListener("change", () => { gesture = false; });
  find("alternatives").addEventListener("change", ({ target }) => { question.alternatives = target.checked ? EXTRA_WAYS : 0; changed(); });
  find("reset").addEventListener("click", () => {
    Object.assign(question, { slack: settings.slack, ...usualEnds(), via: [], avoid: [], close: [], strengthen: [], alternatives: 0 });
    changed();
  });
  find("token-use").addEventListener("click", () => { useToken(find("token").value); show("token-field", false); tryAgain(); });
  for (const input of document.querySelectorAll('input[name="view"]'))
    input.addEventListener("change", () => { question.view = input.value; draw(); });
  for (const input of document.querySelectorAll('input[name="score"]'))
    input.addEventListener("change", () => { question.score = input.value; writeAddress(); attempt("fill", drawFill); });
  find("events").addEventListener("change", () => { writeLegend(legend()); attempt("events", () => drawEvents(map)); });
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => attempt("words", () => say(button.dataset.language)));
  downloadLinks(attempt);
  find("save").addEventListener("click", save);
  find("copy").addEventListener("click", copy);
  find("print").addEventListener("click", () => print());
  find("caption").addEventListener("click", () => find("results").focus());
  // The address holds the question, so that no link may lead within the page.
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); find("results").focus(); });
  addEventListener("beforeprint", paper);
  // A link put into the open page is such a step too; "hashchange" would come after the address has been written again.
  addEventListener("popstate", follow);
}

/** Follow the address to another question or view. */
function follow() {
  const language = readAddress() ?? spoken();
  if (question.at) map.jumpTo({ center: question.at.slice(0, 2), zoom: question.at[2] });
  attempt("words", () => say(language));
  changed({ followed: true });
}

async function start() {
  const language = readAddress() ?? navigator.languages.find((one) => settings.languages.includes(one.slice(0, 2)))?.slice(0, 2);
  await speak(language ?? settings.languages[0]);
  if (matchMedia("(max-width: 60rem)").matches) find("legend").open = false;
  drawQuestion();
  map = makeMap(question.at, async () => {
    names = new Names(map);
    ends = new Ends(map, changed, (pins) => names.setPins(pins));
    popups = new Popups(map, { attempt, changed, choose, ends, shown: () => shown ?? NOTHING, prefix });
    job = new Job((drawn) => { shown = { ...shown, answer: withIntervals(shown.answer, drawn) }; draw(); });
    listen();
    map.on("moveend", ({ originalEvent }) => {
      const { lng, lat } = map.getCenter();
      if (originalEvent) question.at = [lng.toFixed(4), lat.toFixed(4), map.getZoom().toFixed(2)].map(Number);
      writeAddress();
    });
    await Promise.all([attempt("ground", drawGround), attempt("fill", drawFill), refresh(), ends.draw(), gazetteer().catch(() => {})]);
    if (shown && !question.at && question.from.length + question.to.length) bring(map, shown.answer.features);
  });
  // For those who try the page by program.
  window.vereda = { map };
}

attempt("page", start);

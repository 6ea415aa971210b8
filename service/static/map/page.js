/** The map page: asks the service, and lets map, tables and address follow. */

import { answers, withIntervals } from "./answer.js";
import { element, find, settings, show } from "./element.js";
import { Ends, told } from "./ends.js";
import { Job } from "./job.js";
import { writeLegend } from "./legend.js";
import { drawAnswer, drawChosen, drawScore, makeMap, show as bring } from "./map.js";
import { Names } from "./names.js";
import { writePaper } from "./paper.js";
import { Popups } from "./popup.js";
import { between, change, edited, hoursAt, parameters, question, readAddress, writeAddress } from "./question.js";
import { fillOf } from "./score.js";
import { gazetteer } from "./search.js";
import { address, ask, Problem, useToken } from "./service.js";
import { FIRST, listCorridors, listMovements, listWays } from "./tables.js";
import { named, number, percent, speak, spoken, word, wordOr } from "./words.js";

const WAIT_MS = 250;
const DRAG_MS = 120;

let map, names, ends, popups, job;
let shown = null;
let running = null;
let timer = 0;
let whole = false;
let chosen = null;
let fill = { property: null, steps: null, title: "" };

/** Ask again, a moment after the last change, or every moment while a pin is dragged. */
function changed({ dragging = false } = {}) {
  document.body.dataset.state = "asking";
  writeAddress();
  drawQuestion();
  if (dragging && timer) return;
  if (!dragging) ends.draw(shown?.answer);
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
  const mine = running;
  job.stop(word("sure.hint"));
  find("busy").hidden = false;
  find("results").setAttribute("aria-busy", "true");
  if (!shown) find("status").textContent = word("status.computing");
  try {
    const found = await answers(mine.signal);
    if (mine !== running) return;
    shown = found;
    chosen = null;
    whole = false;
    show("error", false);
    draw();
    if (!ends.dragging) await ends.draw(shown.answer);
  } catch (error) {
    if (mine === running && error.name !== "AbortError") fail(error);
  } finally {
    if (mine === running) {
      running = null;
      find("busy").hidden = true;
      find("results").removeAttribute("aria-busy");
    }
  }
}

/** Say in plain words what went wrong; what was drawn before stays. */
function fail(error) {
  const known = error instanceof Problem;
  const said = known ? element("span", { class: "said" }, word("error.said"), element("span", { lang: "en" }, error.message)) : null;
  const reason = known ? error.reason : word("error.network");
  find("error").replaceChildren(word("error", { reason }), ...(said ? [said] : []));
  show("error", true);
  find("status").textContent = "";
  document.body.dataset.state = "failed";
  if (error.status === 401 || error.status === 403) {
    show("token-field", true);
    find("token").focus();
  }
}

/** Draw the answers that are there: map, names, tables, legend, one sentence. */
function draw() {
  const { answer, before } = shown;
  const view = question.view === "before" && before ? before : answer;
  drawAnswer(map, { answer, before, view: question.view, closed: question.close });
  names.setGateways(view.gateways);
  drawEdits();
  drawTables();
  writeLegend(legend());
  writeAddress();
  const [first] = answer.features;
  const told = { count: number(answer.features.length), name: named(first?.properties.name ?? ""), share: percent(first?.properties.usage ?? 0) };
  find("status").textContent = `${word(answer.features.length === 1 ? "status.one" : "status.many", told)} ${word(answer.live ? "status.live" : "status.served")}`;
  document.body.dataset.state = "drawn";
}

function drawTables() {
  const { answer, before } = shown;
  listCorridors(answer.features, { whole, chosen, choose, more: () => { whole = true; drawTables(); find("corridor-rows").children[FIRST]?.querySelector("button").focus(); } });
  listMovements(before, answer, question.close);
  listWays(answer.alternatives, choose);
}

function legend() {
  const { answer, before } = shown;
  return {
    moving: question.view === "change" && Boolean(before),
    ways: Boolean(answer.alternatives),
    kinds: new Set([...answer.gateways, ...(before?.gateways ?? [])].map(({ kind }) => kind)),
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
  find("slack").value = question.slack;
  find("slack").setAttribute("aria-valuetext", percent(question.slack));
  find("slack-told").textContent = percent(question.slack);
  show("alternatives-field", between());
  find("alternatives").checked = question.alternatives;
  drawEdits();
  for (const input of document.querySelectorAll('input[name="view"]')) input.checked = input.value === question.view;
  for (const input of document.querySelectorAll('input[name="score"]')) input.checked = input.value === question.score;
  find("live").href = address("/corridors", parameters());
}

/** List what is closed or strengthened; only an answer knows the names. */
function drawEdits() {
  const edits = [...question.close, ...question.strengthen.map((text) => text.slice(0, text.lastIndexOf("=")))];
  show("edits", edits.length > 0);
  find("edited").replaceChildren(...edits.map(editItem));
}

function editItem(id) {
  const all = [...(shown?.answer.gateways ?? []), ...(shown?.before?.gateways ?? [])];
  const name = named(all.find((gateway) => gateway.id === id)?.name ?? id);
  const hours = hoursAt(id);
  const what = hours ? word("hours.more", { hours: number(hours) }) : word("closed");
  const undo = () => {
    change(id, {});
    changed();
    find("results").focus();
  };
  return element("li", {}, element("span", {}, `${name}: ${what}`),
    element("button", { type: "button", "aria-label": word("undo", { name }), onclick: undo }, word(hours ? "weaken" : "reopen")));
}

async function drawGround() {
  const ground = await ask("/map/ground");
  map.getSource("ground").setData(ground);
  names.setGround(ground.features);
}

async function drawFill() {
  try {
    fill = await fillOf(question.score);
  } catch (error) {
    fail(error);
    return;
  }
  drawScore(map, fill);
  find("score-told").textContent = word(`score.${question.score}.hint`);
  if (shown) writeLegend(legend());
}

/** Say everything in a language, on the page and on the map. */
async function say(language) {
  await speak(language);
  drawQuestion();
  writeAddress();
  names?.translate();
  ends?.point(null);
  popups?.shut();
  if (ends) await drawFill();
  if (shown) {
    draw();
    await ends.draw(shown.answer);
  }
}

/** Offer what is on the map as a file. */
function save() {
  const { answer } = shown;
  const record = { type: "FeatureCollection", ...answer };
  delete record.live;
  const url = URL.createObjectURL(new Blob([JSON.stringify(record)], { type: "application/geo+json" }));
  element("a", { href: url, download: `vereda-${question.profile}.geojson` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
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
  if (!shown) return;
  const sides = ["from", "to"].filter((side) => question[side].length).map((side) => `${word(side)}: ${question[side].map(told).join(", ")}`);
  writePaper(map, names, { ...shown, question, legend: legend(), ends: sides.join("; ") });
}

function listen() {
  find("question").addEventListener("submit", (event) => event.preventDefault());
  find("profile").addEventListener("change", ({ target }) => { question.profile = target.value; changed(); });
  find("slack").addEventListener("input", ({ target }) => { question.slack = Number(target.value); changed(); });
  find("alternatives").addEventListener("change", ({ target }) => { question.alternatives = target.checked; changed(); });
  find("reset").addEventListener("click", () => {
    Object.assign(question, { slack: settings.slack, from: [], to: [], close: [], strengthen: [], alternatives: false });
    changed();
  });
  find("token-use").addEventListener("click", () => { useToken(find("token").value); show("token-field", false); changed(); });
  for (const input of document.querySelectorAll('input[name="view"]'))
    input.addEventListener("change", () => { question.view = input.value; draw(); });
  for (const input of document.querySelectorAll('input[name="score"]'))
    input.addEventListener("change", () => { question.score = input.value; writeAddress(); drawFill(); });
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => say(button.dataset.language));
  find("save").addEventListener("click", save);
  find("copy").addEventListener("click", copy);
  find("print").addEventListener("click", () => print());
  addEventListener("beforeprint", paper);
  addEventListener("hashchange", () => { say(readAddress() ?? spoken()); changed(); });
}

async function start() {
  const language = readAddress() ?? navigator.languages.find((one) => settings.languages.includes(one.slice(0, 2)))?.slice(0, 2);
  await speak(language ?? settings.languages[0]);
  if (matchMedia("(max-width: 60rem)").matches) find("legend").open = false;
  drawQuestion();
  map = makeMap(question.at, async () => {
    names = new Names(map);
    ends = new Ends(map, changed, (pins) => names.setPins(pins));
    popups = new Popups(map, { changed, choose, ends, shown: () => shown });
    job = new Job((drawn) => { shown = { ...shown, answer: withIntervals(shown.answer, drawn) }; draw(); });
    listen();
    map.on("moveend", ({ originalEvent }) => {
      const { lng, lat } = map.getCenter();
      if (originalEvent) question.at = [lng.toFixed(4), lat.toFixed(4), map.getZoom().toFixed(2)].map(Number);
      writeAddress();
    });
    await Promise.all([drawGround(), drawFill(), refresh(), ends.draw(), gazetteer()]).catch(fail);
    if (shown && !question.at && question.from.length + question.to.length) bring(map, shown.answer.features);
  });
  // For those who try the page by program.
  window.vereda = { map };
}

start().catch(fail);

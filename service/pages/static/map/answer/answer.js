/** Answers: corridors and gateways of a question, computed or from the served result. */

import { number, percent, word } from "../document/words.js";
import { answered, edited, parameters } from "../question/question.js";
import { address, ask, askOnce } from "../requests/service.js";

const KEPT = 24;
const ALL = [["limit", "10000"]];
const kept = new Map();

/** The answer of the question as it stands, and the one without its edits, computed in the same way. */
export async function answers(signal) {
  const result = !edited() && answered();
  if (result) return { answer: await served(result), before: null };
  const [answer, before] = await Promise.all([
    live(parameters(), signal),
    edited() ? live(parameters({ edits: false }), signal) : null,
  ]);
  return { answer, before };
}

async function live(parameters, signal) {
  const url = address("/corridors", parameters);
  if (!kept.has(url)) {
    const record = await ask("/corridors", parameters, signal);
    kept.set(url, { ...record, live: true });
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  }
  return kept.get(url);
}

/** The layers of a result; they are kept for the visit, so they are fetched whole. */
async function served({ name, prefix }) {
  const layers = ["corridors", "corridor-gateways"].map((layer) => askOnce(`/collections/${prefix}${layer}/items`, ALL));
  const parts = await Promise.all([...layers, askOnce(`/results/${name}/result.json`)]);
  return { ...computed(...parts), live: false };
}

/** An answer from the layers of a result and its record, with the members of a live one. */
export function computed(corridors, gateways, { files, inputs, ...record }) {
  return {
    ...record,
    attributions: [...new Set(inputs.map(({ attribution }) => attribution))],
    features: corridors.features,
    gateways: gateways.features.map(({ properties, geometry }) => ({
      ...properties, x: geometry.coordinates[0], y: geometry.coordinates[1],
    })),
  };
}

/** An answer with the intervals of another, whose draws were of the same question. */
export function withIntervals(answer, drawn) {
  const names = ["usage_low", "usage_high", "usage_mean", "used_share"];
  const byId = (features) => new Map(features.map((entry) => [entry.id, entry.properties ?? entry]));
  const corridors = byId(drawn.features), gateways = byId(drawn.gateways);
  const withInterval = (entry, id, all) => {
    const from = all.get(id) ?? {};
    return { ...entry, ...Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]])) };
  };
  return {
    ...answer,
    ensemble: drawn.ensemble,
    features: answer.features.map((feature) => ({
      ...feature, properties: withInterval(feature.properties, feature.id, corridors),
    })),
    gateways: answer.gateways.map((gateway) => withInterval(gateway, gateway.id, gateways)),
  };
}

/** Usage with its interval of 5 to 95 %, where draws have given one. */
export function interval({ usage_low: low, usage_high: high }) {
  return low === undefined || low === null ? null : `${percent(low)} – ${percent(high)}`;
}

/** What the intervals of an answer rest on; empty where it has none. */
export function rests({ ensemble }) {
  if (!ensemble) return "";
  const { draws, seed, converged, standard_error: error } = ensemble;
  return `${word("rests", { draws: number(draws), seed })} ${word(converged ? "rests.enough" : "rests.few", { error: percent(error) })}`;
}

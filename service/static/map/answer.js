/** Answers: corridors and gateways of a question, computed or from the served result. */

import { answered, edited, parameters } from "./question.js";
import { address, ask } from "./service.js";

const KEPT = 24;
const ALL = [["limit", "10000"]];
const kept = new Map();

/** The answer of the question as it stands, and the one without its edits. */
export async function answers(signal) {
  if (!edited()) {
    const result = answered();
    const answer = await (result ? served(result) : live(parameters(), signal));
    return { answer, before: null };
  }
  const result = answered();
  const [answer, before] = await Promise.all([
    live(parameters(), signal),
    result ? served(result) : live(parameters({ edits: false }), signal),
  ]);
  return { answer, before };
}

async function live(given, signal) {
  const url = address("/corridors", given);
  if (!kept.has(url)) {
    const record = await ask("/corridors", given, signal);
    kept.set(url, { ...record, live: true });
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  }
  return kept.get(url);
}

const fetched = new Map();

/** The layers of a result; once fetched they are kept for the visit, so they are fetched whole. */
async function served({ prefix }) {
  if (!fetched.has(prefix)) {
    const layers = ["corridors", "corridor-gateways"];
    fetched.set(prefix, Promise.all(
      layers.map((name) => ask(`/collections/${prefix}${name}/items`, ALL)),
    ).then(([corridors, gateways]) => ({ ...computed(corridors, gateways), live: false })));
  }
  return fetched.get(prefix).catch((error) => {
    fetched.delete(prefix);
    throw error;
  });
}

/** An answer from the layers of a result. */
export function computed(corridors, gateways) {
  return {
    features: corridors.features,
    gateways: gateways.features.map(({ properties, geometry }) => ({
      ...properties, x: geometry.coordinates[0], y: geometry.coordinates[1],
    })),
  };
}

/** An answer with the intervals of another, whose draws were of the same question. */
export function withIntervals(answer, drawn) {
  const names = ["usage_low", "usage_high", "usage_mean", "used_share"];
  const found = (features) => new Map(features.map((entry) => [entry.id, entry.properties ?? entry]));
  const corridors = found(drawn.features), gateways = found(drawn.gateways);
  const told = (entry, id, all) => {
    const from = all.get(id) ?? {};
    return { ...entry, ...Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]])) };
  };
  return {
    ...answer,
    features: answer.features.map((feature) => ({
      ...feature, properties: told(feature.properties, feature.id, corridors),
    })),
    gateways: answer.gateways.map((gateway) => told(gateway, gateway.id, gateways)),
  };
}

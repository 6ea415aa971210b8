/** Requests to the service that the page came from. */

import { settings } from "../document/element.js";
import { wordOr } from "../document/words.js";

let token = "";

const [WEST, , EAST] = settings.bbox;
const ACROSS = WEST < -180 || EAST > 180;
/** The most that a longitude may be: across the antimeridian they go on. */
const MOST = ACROSS ? 360 : 180;
/** Whether there is a place of these degrees. */
export const onEarth = ([x, y]) => Math.abs(x) <= MOST && Math.abs(y) <= 90;
const beside = (x) => x - 360 * Math.round((x - (WEST + EAST) / 2) / 360);
const moved = (at) => (typeof at[0] === "number" ? [beside(at[0]), ...at.slice(1)] : at.map(moved));

/** Places of an answer beside the area: they are cut at the antimeridian, where the map goes on. */
function placed(key, value) {
  if (key === "coordinates") return moved(value);
  return key === "x" && typeof value === "number" ? beside(value) : value;
}

/** An answer that is not what was asked for, in the service's own words. */
export class Problem extends Error {
  /** `about`: type and field of a problem as in RFC 9457. */
  constructor(status, detail, about = {}) {
    super(detail);
    this.status = status;
    this.kind = (about.type ?? "").split(":").pop();
    this.field = about.field ?? "";
    this.saying = "error.said";
    this.lang = "en";
  }

  /** What it is in the language of the page; empty where it is none of the known ones. */
  get reason() {
    return wordOr(`problem.${this.kind}.${this.field}`, wordOr(`problem.${this.kind}`, ""));
  }
}

/** A link that asks for what cannot be; the page sees it by itself. */
export class Misread extends Problem {
  constructor({ name, value }) {
    super(400, `${name}=${value}`, { type: "input", field: name });
    this.saying = "error.link";
    this.lang = null;
  }
}

/** Keep a token for this visit; it is stored nowhere. */
export function useToken(text) {
  token = text.trim();
}

/** Whether requests are sent with a token. */
export const hasToken = () => token !== "";

/** Address of a resource, with parameters that may be repeated. */
export function address(path, parameters = []) {
  const query = new URLSearchParams(parameters).toString();
  return `${settings.root}${path}${query ? `?${query}` : ""}`;
}

/** Ask and give the whole response back; throws a Problem for any refusal. */
export async function send(url, { signal, method = "GET", body } = {}) {
  const headers = { Accept: "application/geo+json, application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(url, {
    signal, method, headers, body: body ? JSON.stringify(body) : undefined,
  });
  if (!response.ok) throw await problem(response);
  return response;
}

/** Ask for JSON. */
export async function ask(path, parameters = [], signal = undefined) {
  const response = await send(address(path, parameters), { signal });
  return ACROSS ? JSON.parse(await response.text(), placed) : response.json();
}

const kept = new Map();

/** Ask for JSON that stays as it is for the visit; what has failed is asked again. */
export function askOnce(path, parameters = []) {
  const url = address(path, parameters);
  if (!kept.has(url))
    kept.set(url, ask(path, parameters).catch((error) => {
      kept.delete(url);
      throw error;
    }));
  return kept.get(url);
}

async function problem(response) {
  try {
    const record = await response.json();
    return new Problem(response.status, record.detail || record.title || response.statusText, record);
  } catch {
    return new Problem(response.status, `${response.status} ${response.statusText}`);
  }
}

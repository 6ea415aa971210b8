/** Requests to the service that the page came from. */

import { settings } from "./element.js";

let token = "";

/** An answer that is not what was asked for, in the service's own words. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Keep a token for this visit; it is stored nowhere. */
export function useToken(given) {
  token = given.trim();
}

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
  if (!response.ok) throw new Problem(response.status, await detail(response));
  return response;
}

/** Ask for JSON. */
export async function ask(path, parameters = [], signal = undefined) {
  return (await send(address(path, parameters), { signal })).json();
}

async function detail(response) {
  try {
    const problem = await response.json();
    return problem.detail || problem.title || response.statusText;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

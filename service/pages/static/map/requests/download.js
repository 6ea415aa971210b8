/** What visitors take along, as files. */

import { element } from "../document/element.js";
import { address, hasToken, send } from "./service.js";

const ENDS = { "application/geo+json": ".geojson", "application/json": ".json", "text/html": ".html" };

/** Offer content as a file. */
export function offer(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Where a token is in use, ask with it for what a link of the service leads to: links send none. `attempt` does what may fail. */
export function downloadLinks(attempt) {
  const root = new URL(address("/"), location.href).href;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (event.defaultPrevented || !hasToken() || !link?.href.startsWith(root)) return;
    event.preventDefault();
    attempt("download", async () => offer(...(await fetched(link.href))));
  });
}

/** The content of a link, and a name for it as a file. */
async function fetched(href) {
  const blob = await (await send(href)).blob();
  const name = new URL(href).pathname.split("/").pop();
  const end = ENDS[blob.type.split(";")[0]] ?? "";
  return [blob, name.includes(".") ? name : `${name}${end}`];
}

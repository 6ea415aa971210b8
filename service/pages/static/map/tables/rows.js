/** Rows of the tables beside the map, and how many of them are listed at first. */

import { find } from "../document/element.js";

/** Corridors and gateways that are listed at first. */
export const FIRST = 12;

/** Put rows into a table; the row that had the focus keeps it. */
export function fill(id, rows) {
  const table = find(id);
  const focused = table.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.id : null;
  table.replaceChildren(...rows);
  if (focused) rows.find((row) => row.dataset.id === focused)?.querySelector("button")?.focus();
}

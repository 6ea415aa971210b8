/** Documented events: what is on record, drawn only when it is asked for. */

import { element, find } from "../document/element.js";
import { number, word, wordOr } from "../document/words.js";
import { askOnce } from "../requests/service.js";
import { NOTHING } from "./map.js";

/** Whether they are drawn. */
export const eventsShown = () => find("events").checked;

/** Draw them, or take them off the map. */
export async function drawEvents(map) {
  const wanted = eventsShown();
  const data = wanted ? await askOnce("/collections/events/items", [["limit", "10000"]]) : NOTHING;
  if (eventsShown() === wanted) map.getSource("events").setData(data);
}

/** What an event is called. */
export const eventName = ({ kind }) => wordOr(`event.${kind}`, kind ?? word("events"));

/** What is told of an event: names and values, and where it says so. */
export const eventFacts = (event) => [
  [word("event.date"), event.date],
  [word("event.place"), event.place],
  [word("event.precision"), event.precision_km == null ? null : `± ${number(event.precision_km)} km`],
  [word("event.quantity"), event.quantity_kg == null ? null : `${number(event.quantity_kg)} kg`],
  [word("event.source"), sourceLink(event.source)],
];

/** A link where the source is one address; what is none, or several, as it stands. */
function sourceLink(source) {
  if (!/^https?:\/\/[^\s/]+(\/\S*)?$/.test(source ?? "")) return source;
  return element("a", { href: source, rel: "noopener noreferrer", target: "_blank" }, source.split("/")[2]);
}

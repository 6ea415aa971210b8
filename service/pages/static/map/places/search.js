/** Search over places and ports by name, without regard to accents. */

import { element, find } from "../document/element.js";
import { named, plain, word, wordOr } from "../document/words.js";
import { askOnce } from "../requests/service.js";
import { districts } from "./districts.js";

const MOST = 8;
const NEAR = 4;

/** A spot as the service reads it. */
export const spot = (lng, lat) => `${lng.toFixed(5)},${lat.toFixed(5)}`;

let places = null;
const bySpot = new Map();

/** All places and ports; kept once they have come. */
export function gazetteer() {
  places ??= fetchPlaces().catch((error) => {
    places = null;
    throw error;
  });
  return places;
}

async function fetchPlaces() {
  const [units, ...layers] = await Promise.all([districts(), ...["places", "ports"].map((name) => askOnce(`/collections/${name}/items`, [["limit", "10000"]]))]);
  const unitNames = new Map(units.map(({ unit, name }) => [unit, name]));
  const all = layers.flatMap(({ features }, port) => features.map((feature) => entry(feature, port === 1, unitNames)));
  const counts = new Map();
  for (const { key } of all) counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const place of all) {
    // Only a name of its own is sure to be understood: others are sent as a spot.
    place.alone = counts.get(place.key) === 1;
    place.sent = place.alone ? place.name : spot(...place.at);
    bySpot.set(spot(...place.at), place);
  }
  return all;
}

function entry({ properties, geometry }, port, units) {
  const { name, country, admin1, population: people = 0 } = properties;
  return { name, country, unit: units.get(admin1), port, people, key: plain(name), at: geometry.coordinates };
}

const within = ({ unit, country }) => [unit && named(unit), wordOr(`country.${country}`, country)].filter(Boolean);

/** The name of the place at a spot, with its district where others have the name too. */
export function placeAt(text) {
  const place = bySpot.get(text);
  return place && (place.alone ? named(place.name) : `${named(place.name)}, ${within(place)[0]}`);
}

/** Places that hold a text in their name, in the data's words or in the page's, the largest first; else those near it. */
async function matches(text) {
  const wanted = plain(text);
  if (wanted.length < 2) return { offered: [], near: false };
  const keys = ({ key, name }) => [key, plain(named(name))];
  const rank = (place) => Math.min(...keys(place).map((key) => (key === wanted ? 0 : key.startsWith(wanted) ? 1 : key.includes(wanted) ? 2 : 3)));
  const ranked = (await gazetteer()).map((place) => ({ place, rank: rank(place) })).filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.place.port - b.place.port || b.place.people - a.place.people);
  if (ranked.length) return { offered: ranked.slice(0, MOST).map(({ place }) => place), near: false };
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const near = (await gazetteer())
    .filter(({ key }) => Math.abs(key.length - wanted.length) <= most)
    .map((place) => ({ place, far: Math.min(...keys(place).map((key) => edits(wanted, key))) }))
    .filter(({ far }) => far <= most).sort((a, b) => a.far - b.far || b.place.people - a.place.people).slice(0, NEAR);
  return { offered: near.map(({ place }) => place), near: true };
}

/** Letters to add, drop or change to make one text of another (Levenshtein's distance). */
function edits(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

/** A combobox after the ARIA pattern: arrows choose, Enter takes, Escape closes. */
export function makeSearch(side, take) {
  const field = find(`search-${side}`), list = find(`found-${side}`), none = find(`none-${side}`);
  let offered = [], active = -1;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const pick = (place) => {
    field.value = "";
    none.textContent = "";
    close();
    take(place);
  };
  const draw = () => {
    const options = offered.map((place, i) =>
      element(
        "li",
        { role: "option", id: `${side}-${i}`, "aria-selected": String(i === active), onmousedown: (event) => { event.preventDefault(); pick(place); } },
        element("span", {}, named(place.name)),
        element("small", {}, [place.port ? word("kind.port") : null, ...within(place)].filter(Boolean).join(" · ")),
      ));
    list.replaceChildren(...options);
    list.hidden = offered.length === 0;
    field.setAttribute("aria-expanded", String(offered.length > 0));
    if (active >= 0) field.setAttribute("aria-activedescendant", `${side}-${active}`);
  };
  field.addEventListener("input", async () => {
    const text = field.value;
    try {
      const now = await matches(text);
      if (text !== field.value) return;
      offered = now.offered;
      // A name that is only near is taken when it is chosen, not by Enter alone.
      active = offered.length && !now.near ? 0 : -1;
      none.textContent = now.near ? word(offered.length ? "search.near" : "search.none") : "";
      draw();
    } catch {
      none.textContent = word("error.network");
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter") {
      event.preventDefault();
      if (offered[active] && !list.hidden) pick(offered[active]);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && offered.length) {
      event.preventDefault();
      active = (active + step + offered.length) % offered.length;
      draw();
    }
  });
  field.addEventListener("blur", close);
}

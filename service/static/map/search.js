/** Search over places and ports by name, without regard to accents. */

import { element, find } from "./element.js";
import { ask } from "./service.js";
import { word, wordOr } from "./words.js";

const MOST = 8;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

let places = null;

/** All places and ports; fetched once. */
export function gazetteer() {
  places ??= Promise.all(["places", "ports"].map((name) => ask(`/collections/${name}/items`, [["limit", "10000"]])))
    .then((layers) => {
      const all = layers.flatMap(({ features }, port) => features.map((feature) => entry(feature, port === 1)));
      const counts = new Map();
      for (const { key, port } of all) if (!port) counts.set(key, (counts.get(key) ?? 0) + 1);
      // A name that several places have is told apart by its district.
      return all.map((place) => ({
        ...place,
        text: (counts.get(place.key) ?? 0) > 1 ? `${place.name}, ${place.admin1}` : place.name,
      }));
    });
  return places;
}

function entry({ properties, geometry }, port) {
  const { name, country, admin1 } = properties;
  return { name, country, admin1, port, key: plain(name), at: geometry.coordinates };
}

async function matches(text) {
  const wanted = plain(text);
  if (wanted.length < 2) return [];
  const rank = ({ key }) => (key === wanted ? 0 : key.startsWith(wanted) ? 1 : 2);
  const found = (await gazetteer()).filter(({ key }) => key.includes(wanted));
  const seen = new Set();
  return found
    .sort((a, b) => rank(a) - rank(b) || a.port - b.port)
    .filter(({ text: told }) => !seen.has(told) && seen.add(told))
    .slice(0, MOST);
}

/** A combobox after the ARIA pattern: arrows choose, Enter takes, Escape closes. */
export function makeSearch(side, take) {
  const field = find(`search-${side}`), list = find(`found-${side}`);
  let found = [], active = -1;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const pick = (place) => {
    field.value = "";
    close();
    take(place);
  };
  const draw = () => {
    const options = found.map((place, i) =>
      element(
        "li",
        { role: "option", id: `${side}-${i}`, "aria-selected": String(i === active), onmousedown: (event) => { event.preventDefault(); pick(place); } },
        element("span", {}, place.name),
        element("small", {}, `${place.port ? `${word("kind.port")} · ` : ""}${place.admin1} · ${wordOr(`country.${place.country}`, place.country)}`),
      ));
    list.replaceChildren(...options);
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    if (active >= 0) field.setAttribute("aria-activedescendant", `${side}-${active}`);
  };
  field.addEventListener("input", async () => {
    const text = field.value;
    const now = await matches(text);
    if (text !== field.value) return;
    found = now;
    active = found.length ? 0 : -1;
    draw();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter") {
      event.preventDefault();
      if (found[active] && !list.hidden) pick(found[active]);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      active = (active + step + found.length) % found.length;
      draw();
    }
  });
  field.addEventListener("blur", close);
}

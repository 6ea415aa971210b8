/** What the page says, in the language chosen: texts, numbers, shares. */

import { settings } from "./element.js";

let texts = {};
let language = settings.languages[0];

/** Fetch the texts of a language and put them where the page asks for them. */
export async function speak(chosen) {
  language = settings.languages.includes(chosen) ? chosen : settings.languages[0];
  const answer = await fetch(`${settings.root}/static/words/${language}.json`);
  texts = { ...(await answer.json()), ...settings.words[language] };
  document.documentElement.lang = language;
  document.title = word("title");
  const about = document.getElementById("about");
  if (about) about.search = `?lang=${language}`;
  for (const [attribute, place] of [["word", null], ["wordLabel", "aria-label"], ["wordPlaceholder", "placeholder"]])
    for (const spot of document.querySelectorAll(`[data-${attribute.replace(/[A-Z]/, (c) => `-${c.toLowerCase()}`)}]`)) {
      const text = word(spot.dataset[attribute]);
      if (place) spot.setAttribute(place, text);
      else spot.textContent = text;
    }
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
}

/** A name as the service compares it: without capitals, accents and extra blanks. */
export const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

/** The language that is spoken. */
export const spoken = () => language;

/** A text with its {blanks} filled in. */
export function word(key, blanks = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (blank, name) => (name in blanks ? blanks[name] : blank));
}

/** The text of a key, or another text where the catalogue has none. */
export const wordOr = (key, otherwise) => texts[key] ?? otherwise;

const PLACE = /^(.+) (sector|landing|mouth|port)(?: \(([NESW]+)\))?( \d+)?$/;

/** A name of gateways, one or several in a row, with what kind of place each is told in the language. */
export function named(name) {
  return name.split(" - ").map((one) => {
    const [, place, kind, side, count = ""] = one.match(PLACE) ?? [];
    if (!place || texts[`name.${one}`]) return wordOr(`name.${one}`, one);
    const west = word("east.west").split(" ")[1];
    const text = word(`place.${kind}`, { name: named(place) }).replace(/^(Puerto) de \1 /, "$1 ");
    return `${text}${side ? ` (${side.replace("W", west)})` : ""}${count}`;
  }).join(" - ");
}

/** A number in the manner of the language. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const shape = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, shape).format(value);
}

/** A share as a percentage; small ones keep a decimal. */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  if (share === 0) return `${number(0)} %`;
  if (share > 0 && share < 0.001) return `< ${number(0.1, 1)} %`;
  return `${number(100 * share, share < 0.0995 ? 1 : 0)} %`;
}

/** A change of a share, in percentage points, with its sign. */
export function points(change) {
  const digits = Math.abs(change) < 0.0995 ? 1 : 0;
  const text = number(Math.abs(100 * change), digits);
  return Number(Math.abs(100 * change).toFixed(digits)) === 0 ? text : `${change < 0 ? "−" : "+"}${text}`;
}

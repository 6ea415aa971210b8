/** Elements of the page, made without HTML text so that no name can become markup. */

export const settings = JSON.parse(document.getElementById("settings").textContent);

export const find = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `on…` attributes are listeners, null ones are left out. */
export function element(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/** Make an SVG element; its colours are attributes, which the content policy lets through. */
export function drawing(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

function dressed(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Show an element or hide it. */
export function show(id, shown) {
  find(id).hidden = !shown;
}

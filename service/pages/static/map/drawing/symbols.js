/** Marks of gateways, drawn by kind and size: the shape says the same as the colour. */

import { drawing, settings } from "../document/element.js";

/** What gains and what loses, in lines as in marks. */
export const MORE = "#b3361c";
export const LESS = "#2a6fa8";
const RATIO = 2;
const RIM = 1.4;

/** Corners of a shape around the origin, with radius 1; none for a circle. */
const CORNERS = {
  circle: [],
  square: regular(4, Math.PI / 4),
  diamond: regular(4, 0),
  triangle: regular(3, 0),
  pentagon: regular(5, 0),
};
/** Radius by which shapes look equally large. */
const SCALE = { circle: 1, square: 1.2, diamond: 1.25, triangle: 1.35, pentagon: 1.15 };

function regular(count, turn) {
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / count - Math.PI / 2;
    return [Math.cos(angle), Math.sin(angle)];
  });
}

const name = (kind, step, state) => `${kind} ${step} ${state}`;

/** What a mark says beside its kind and size: its colours, the arms of its sign in radii, and how much larger it is. */
const STATES = {
  used: {},
  closed: { fill: "#ffffff", rim: MORE, arms: [[-0.5, -0.5, 0.5, 0.5], [-0.5, 0.5, 0.5, -0.5]] },
  more: { fill: MORE, rim: "#ffffff", growth: 1.6, arms: [[-0.55, 0, 0.55, 0], [0, -0.55, 0, 0.55]] },
  less: { fill: LESS, rim: "#ffffff", growth: 1.6, arms: [[-0.55, 0, 0.55, 0]] },
};
/** Least pixels of a mark with a sign, so that it can be read. */
const SIGNED_PX = 13;

/** Class of a usage among the steps of a style. */
export const stepOf = (steps, usage) => {
  const place = steps.findIndex((step) => usage < step.upper);
  return place < 0 ? steps.length - 1 : place;
};

/** Name of the mark of a gateway, as `addSymbols` registers it: large by a share of the flow. */
export const markOf = (gateway, share, state) => name(gateway.kind, stepOf(settings.gateways, share), state);

/** Register all marks with a map. */
export function addSymbols(map) {
  for (const kind of settings.kinds)
    for (const [step, { px }] of settings.gateways.entries())
      for (const [state, look] of Object.entries(STATES))
        map.addImage(name(kind.value, step, state), picture(kind, look.arms ? Math.max(px * (look.growth ?? 1), SIGNED_PX) : px, look), { pixelRatio: RATIO });
}

function picture(kind, px, { fill = kind.colour, rim = settings.colours.ink, arms = [] }) {
  const size = Math.ceil((px * 1.4 + 2 * RIM + 2) * RATIO);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  pen.translate(size / 2, size / 2);
  pen.scale(RATIO, RATIO);
  trace(pen, kind.shape, (px / 2) * SCALE[kind.shape]);
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = rim;
  pen.lineWidth = arms.length ? 2 : RIM;
  pen.stroke();
  pen.beginPath();
  for (const [x, y, toX, toY] of arms) {
    pen.moveTo((x * px) / 2, (y * px) / 2);
    pen.lineTo((toX * px) / 2, (toY * px) / 2);
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

function trace(pen, shape, radius) {
  pen.beginPath();
  if (CORNERS[shape].length === 0) pen.arc(0, 0, radius, 0, 2 * Math.PI);
  for (const [x, y] of CORNERS[shape]) pen.lineTo(x * radius, y * radius);
  pen.closePath();
}

/** The mark of a kind for the legend. */
export function markDrawing(kind) {
  const radius = 5.2 * SCALE[kind.shape];
  const look = { fill: kind.colour, stroke: settings.colours.ink, "stroke-width": 1.2 };
  const corners = CORNERS[kind.shape];
  const shape = corners.length
    ? drawing("polygon", { points: corners.map(([x, y]) => `${x * radius},${y * radius}`).join(" "), ...look })
    : drawing("circle", { r: radius, ...look });
  return drawing("svg", { width: 18, height: 16, viewBox: "-9 -8 18 16", "aria-hidden": "true" }, shape);
}

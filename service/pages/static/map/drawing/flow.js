/** Flow on the ground: corridors share their roads, so that a road carries their sum. */

/** Sum of usage on each straight piece, by its two ends in a fixed order. */
export function pieces(features) {
  const sums = new Map();
  for (const { geometry, properties } of features)
    for (const line of linesOf(geometry))
      for (let i = 1; i < line.length; i += 1) {
        const ends = ordered(line[i - 1], line[i]);
        const key = ends.join(";");
        const piece = sums.get(key) ?? { ends, usage: 0 };
        piece.usage += properties.usage ?? 0;
        sums.set(key, piece);
      }
  return sums;
}

/** Lines with the summed usage, the least used first so that it lies below. */
export function summed(features) {
  const drawn = chains([...pieces(features).values()], ({ usage }) => usage.toFixed(4));
  return collection(drawn.map(({ line, piece }) => ({ line, properties: { usage: Math.min(piece.usage, 1) } })), "usage");
}

/** Lines with what each piece gains or loses between two answers. */
export function moved(before, after) {
  const from = pieces(before), to = pieces(after);
  const all = [...new Set([...from.keys(), ...to.keys()])].map((key) => {
    const was = from.get(key)?.usage ?? 0, is = to.get(key)?.usage ?? 0;
    return { ends: (from.get(key) ?? to.get(key)).ends, was, is, change: is - was };
  });
  const drawn = chains(all, ({ change, is }) => `${change.toFixed(4)} ${is.toFixed(4)}`);
  return collection(
    drawn.map(({ line, piece }) => ({
      line,
      properties: { before: piece.was, usage: piece.is, change: piece.change, size: Math.abs(piece.change) },
    })),
    "size",
  );
}

/** Bounds of some features: west, south, east, north. */
export function bounds(features) {
  const all = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features)
    for (const line of linesOf(geometry))
      for (const [x, y] of line) {
        all[0] = Math.min(all[0], x);
        all[1] = Math.min(all[1], y);
        all[2] = Math.max(all[2], x);
        all[3] = Math.max(all[3], y);
      }
  return Number.isFinite(all[0]) ? all : null;
}

const linesOf = (geometry) =>
  geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];

const before = (a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1]);
const ordered = (a, b) => (before(a, b) ? [a, b] : [b, a]);

/** Join pieces that are alike end to end, as far as no other like piece meets them. */
function chains(all, alike) {
  const ends = new Map();
  const place = (piece, point) => `${alike(piece)} ${point}`;
  for (const piece of all)
    for (const point of piece.ends) {
      const here = place(piece, point);
      if (!ends.has(here)) ends.set(here, []);
      ends.get(here).push(piece);
    }
  const taken = new Set();
  const grow = (piece, point) => {
    const line = [];
    for (;;) {
      const next = (ends.get(place(piece, point)) ?? []).filter((other) => !taken.has(other));
      if (next.length !== 1) return line;
      taken.add(next[0]);
      point = next[0].ends.find((end) => String(end) !== String(point));
      if (!point) return line;
      line.push(point);
    }
  };
  return all.filter((piece) => !taken.has(piece) && taken.add(piece)).map((piece) => {
    const [start, end] = piece.ends;
    return { piece, line: [...grow(piece, start).reverse(), start, end, ...grow(piece, end)] };
  });
}

function collection(entries, order) {
  entries.sort((a, b) => a.properties[order] - b.properties[order]);
  const features = entries.map(({ line, properties }) => ({
    type: "Feature", properties, geometry: { type: "LineString", coordinates: line },
  }));
  return { type: "FeatureCollection", features };
}

/** Districts: their shapes, and a point in each. */

import { askOnce } from "../requests/service.js";

/** What lies under the corridors. */
export const ground = () => askOnce("/map/ground");

/** All districts, with a point in each. */
export async function districts() {
  return (await ground()).features
    .filter(({ properties }) => properties.layer === "unit")
    .map(({ properties, geometry }) => ({ ...properties, at: middle(geometry) }));
}

/** A point inside a shape: the middle of the widest stretch half way up its largest part. */
function middle({ type, coordinates }) {
  const parts = type === "MultiPolygon" ? coordinates : [coordinates];
  const span = (ring, axis) => ring.map((point) => point[axis]).reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const size = (ring) => [0, 1].reduce((area, axis) => area * (span(ring, axis)[1] - span(ring, axis)[0]), 1);
  const ring = parts.map(([outer]) => outer).reduce((a, b) => (size(b) > size(a) ? b : a));
  const [south, north] = span(ring, 1), y = (south + north) / 2;
  const cuts = ring.slice(1)
    .map(([x, to], i) => ({ a: ring[i], x, to }))
    .filter(({ a, to }) => (a[1] > y) !== (to > y))
    .map(({ a, x, to }) => a[0] + ((x - a[0]) * (y - a[1])) / (to - a[1]))
    .sort((a, b) => a - b);
  const stretches = cuts.filter((_, i) => i % 2 === 0).map((west, i) => [west, cuts[2 * i + 1]]);
  const [west, east] = stretches.reduce((a, b) => (b[1] - b[0] > a[1] - a[0] ? b : a));
  return { lng: (west + east) / 2, lat: y };
}

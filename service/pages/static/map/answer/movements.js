/** Movements: gateways whose usage an edit has changed. */

/** The least change that is drawn and told: one point of the flow. */
export const LEAST_CHANGE = 0.01;

/** Gateways with their usage before and after, the most changed first. */
export function movements(before, after) {
  const was = new Map(before.gateways.map((gateway) => [gateway.id, gateway]));
  const is = new Map(after.gateways.map((gateway) => [gateway.id, gateway]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((id) => {
      const [from, to] = [was.get(id)?.usage ?? 0, is.get(id)?.usage ?? 0];
      return { ...(was.get(id) ?? is.get(id)), id, from, to, change: to - from };
    })
    .filter(({ change }) => Math.abs(change) >= 0.0005)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

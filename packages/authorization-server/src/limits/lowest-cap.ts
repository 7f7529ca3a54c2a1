/** The lowest of these caps. undefined: there is no cap. */
export function lowestCap(...caps: readonly (bigint | undefined)[]): bigint | undefined {
  const set = caps.filter((cap) => cap !== undefined);
  return set.length === 0 ? undefined : set.reduce((one, other) => (other < one ? other : one));
}

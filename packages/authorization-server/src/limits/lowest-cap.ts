/** The cap that applies when each of these bounds. undefined: there is none. */
export function lowestCap(...caps: readonly (bigint | undefined)[]): bigint | undefined {
  const set = caps.filter((cap) => cap !== undefined);
  return set.length === 0 ? undefined : set.reduce((one, other) => (other < one ? other : one));
}

/** As `Buffer.concat`, but without a copy of what is in one piece already. */
export function joinBytes(pieces: readonly Buffer[]): Buffer {
  const [first, ...others] = pieces;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(pieces);
}

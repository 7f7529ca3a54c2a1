/** Like `Buffer.concat`, but does not copy a single piece. */
export function joinBytes(pieces: readonly Buffer[]): Buffer {
  const [first, ...others] = pieces;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(pieces);
}

/** Like `Buffer.concat`, but if there is only one piece, it is returned without a copy. */
export function joinBytes(pieces: readonly Buffer[]): Buffer {
  const [first, ...others] = pieces;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(pieces);
}

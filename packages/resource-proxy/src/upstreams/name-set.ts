/**
 * Returns a set of names.
 * @param text names, separated by spaces
 */
export function nameSet(...text: readonly string[]): ReadonlySet<string> {
  return new Set(text.flatMap((part) => part.trim().split(/\s+/)));
}

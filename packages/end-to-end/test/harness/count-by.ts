/** Counts how often each word occurs. */
export function countBy<T>(values: readonly T[], word: (value: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[word(value)] = (counts[word(value)] ?? 0) + 1;
  return counts;
}

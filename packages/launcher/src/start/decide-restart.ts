/** The decision about a program that has exited by itself. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly afterMilliseconds: number }
  | { readonly kind: 'give_up'; readonly why: string };

/** A program that exits twice within this time is not restarted again. Its log says why it exits. */
const quickMilliseconds = 60_000;
const boundMilliseconds = 3_600_000;
const maxRestarts = 5;
const firstPauseMilliseconds = 500;

/** @param endedAt the times of the program's exits, the oldest first, in milliseconds of one clock */
export function decideRestart(endedAt: readonly number[]): RestartDecision {
  const last = endedAt.at(-1) ?? 0;
  const before = endedAt.at(-2);
  if (before !== undefined && last - before < quickMilliseconds)
    return { kind: 'give_up', why: 'for the second time within a minute' };
  const recent = endedAt.filter((instant) => last - instant < boundMilliseconds).length;
  if (recent > maxRestarts) return { kind: 'give_up', why: `for the ${recent}th time within an hour` };
  return { kind: 'restart', afterMilliseconds: firstPauseMilliseconds * 2 ** (recent - 1) };
}

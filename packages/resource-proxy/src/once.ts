/**
 * A function that can be called once, and that keeps nothing of what it needed afterwards: what an async function names
 * lives until that function ends, which may be hours after it was needed.
 */
export function once<Argument extends unknown[], Result>(
  work: (...args: Argument) => Result,
): (...args: Argument) => Result {
  let left: typeof work | undefined = work;
  return (...args) => {
    const now = left;
    left = undefined;
    if (now === undefined) throw new Error('this can be done once');
    return now(...args);
  };
}

/**
 * Makes a function that can be called once and that releases its closure afterwards. Otherwise the variables of an
 * async function stay in memory until that function ends, which may be hours later.
 */
export function once<Argument extends unknown[], Result>(
  work: (...args: Argument) => Result,
): (...args: Argument) => Result {
  let left: typeof work | undefined = work;
  return (...args) => {
    const now = left;
    left = undefined;
    if (now === undefined) throw new Error('this function was called twice');
    return now(...args);
  };
}

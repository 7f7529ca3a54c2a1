import { expect, it } from '@jest/globals';
import { decideRestart } from '../src/start/decide-restart.js';

const minute = 60_000;

it('restarts a program that has ended, after a pause that grows', () => {
  const pauses = [0, 2, 4, 6, 8].map((_, index, all) =>
    decideRestart(all.slice(0, index + 1).map((at) => at * minute)),
  );
  expect(pauses).toEqual(
    [500, 1_000, 2_000, 4_000, 8_000].map((afterMilliseconds) => ({ kind: 'restart', afterMilliseconds })),
  );
});

it('does not restart a program that ends twice within a minute, or more than five times within an hour', () => {
  expect(decideRestart([0, minute - 1])).toMatchObject({ kind: 'give_up' });
  expect(decideRestart([0, 10, 20, 30, 40, 50].map((at) => at * minute))).toMatchObject({ kind: 'give_up' });
});

it('does not count ends of a program that were more than an hour ago', () => {
  const longAgo = [0, 2, 4, 6, 8].map((at) => at * minute);
  expect(decideRestart([...longAgo, 90 * minute])).toEqual({ kind: 'restart', afterMilliseconds: 500 });
});

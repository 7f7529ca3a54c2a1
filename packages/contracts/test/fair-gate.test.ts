import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { FairGate, GateFullError } from '../src/index.js';

/** A gate whose tasks end when the test says so. The first letter of a task's name is its share. */
function open(maxUnderWay: number, maxWaiting: number) {
  const gate = new FairGate({ maxUnderWay, maxWaiting });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) =>
    gate.run(name.charAt(0), () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await nextTurn();
  };
  return { begun, run, end };
}

it('runs as many tasks as its limit allows, and the waiting shares take turns', async () => {
  const { begun, run, end } = open(2, 10);
  const results = Promise.all(['a1', 'a2', 'a3', 'a4', 'b1', 'a5', 'c1'].map(run));
  await nextTurn();
  expect(begun).toEqual(['a1', 'a2']);
  for (const name of ['a2', 'a1', 'a3', 'b1', 'c1', 'a4', 'a5']) await end(name);
  expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'a5']);
  expect(await results).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'a5', 'c1']);
});

it('a task that fails gives its place to the next', async () => {
  const gate = new FairGate({ maxUnderWay: 1, maxWaiting: 1 });
  const failing = gate.run('a', () => Promise.reject(new Error('failed')));
  const next = gate.run('b', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('done');
});

it('when too many tasks wait, the newest task of the largest share is refused if that share has at least two more waiting tasks than the share of the new task; otherwise the new task is refused', async () => {
  const { begun, run, end } = open(1, 3);
  const running = run('a0');
  const [first, second, third] = [run('a1'), run('a2'), run('b1')];
  const given = expect(second).rejects.toBeInstanceOf(GateFullError);
  const fourth = run('c1');
  await given;
  await expect(run('a3')).rejects.toBeInstanceOf(GateFullError);
  await expect(run('d1')).rejects.toBeInstanceOf(GateFullError);
  await nextTurn();
  for (const name of ['a0', 'a1', 'b1', 'c1']) await end(name);
  expect(await Promise.all([running, first, third, fourth])).toEqual(['a0', 'a1', 'b1', 'c1']);
  expect(begun).toEqual(['a0', 'a1', 'b1', 'c1']);
});

import { expect, it } from '@jest/globals';
import { CountGate } from '../src/counting/count-gate.js';
import { Denied } from '../src/denials/denial.js';
import { AnswerDrains } from '../src/forwarding/answer-drains.js';
import { FairQueue } from '../src/preparing/fair-queue.js';
import { BodyMemory } from '../src/reading/body-memory.js';

// A client can make any number of grants below its own, so all of them together have the share of one grant.
const accountId = 'account';
const tree = ['root', 'root.child', 'root.child.grandchild', 'root.other'] as const;
const [root, child, grandchild, other] = tree;

// The ids at the beginning of titles are rows of docs/security.md.
it('X1: all grants of a tree together have one grant’s share of the memory for bodies', () => {
  const all = { totalBytes: 1_000, perAccountBytes: 500, perGrantBytes: 40, reserveBytes: 0, smallBytes: 0 };
  const memory = new BodyMemory(all);
  const [first, second, third] = [root, child, grandchild].map((grantId) => memory.open({ accountId, grantId }));
  first?.take(20);
  second?.take(20);
  expect(() => third?.take(1)).toThrow(new Denied({ reason: 'body_share_exceeded', of: 'grant' }));
  memory.open({ accountId, grantId: 'rooted' }).take(40);
  second?.close();
  third?.take(20);
});

it('X1: all grants of a tree together have one grant’s places and turns in a queue', () => {
  const queue = new FairQueue<string>({ total: 9, perAccount: 6, perGrant: 3 });
  for (const grantId of [root, child, grandchild]) expect(queue.push({ accountId, grantId }, grantId)).toBeUndefined();
  expect(queue.push({ accountId, grantId: other }, other)).toBe('grant');
  expect(queue.push({ accountId, grantId: 'stranger' }, 'stranger')).toBeUndefined();
  expect([1, 2, 3, 4].map(() => queue.shift())).toEqual([root, 'stranger', child, grandchild]);
});

it('all grants of a tree together have one grant’s share of the answers that are read after their clients have left', () => {
  const limits = { maxDrains: 9, maxDrainsPerGrant: 2, maxDrainBytes: 1, maxDrainMilliseconds: 60_000 };
  const drains = new AnswerDrains(limits);
  const begin = (grantId: string) => drains.begin(grantId, () => undefined);
  const begun = [begin(root), begin(child)];
  expect([begin(grandchild), begin(other)]).toEqual([undefined, undefined]);
  begun.push(begin('stranger'));
  begun[1]?.end();
  begun.push(begin(other));
  expect(begun).not.toContain(undefined);
  for (const drain of begun) drain?.end();
});

it('all grants of a tree together have one grant’s share of the prompts whose tokens a vendor counts', async () => {
  const gate = new CountGate(2);
  let finish = () => {};
  const isFinished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const counts = [root, child].map((grantId) => gate.run(grantId, () => isFinished.then(() => grantId)));
  expect(await gate.run(grandchild, async () => 'counted')).toBeUndefined();
  expect(await gate.run('stranger', async () => 'counted')).toBe('counted');
  finish();
  expect(await Promise.all(counts)).toEqual([root, child]);
  expect(await gate.run(other, async () => 'counted')).toBe('counted');
});

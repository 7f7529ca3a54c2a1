import { expect, it } from '@jest/globals';
import { KeyScrubber } from '../src/forwarding/key-scrubber.js';
import { Secret } from '../src/secret.js';

const key = 'sk-abcabcab-0123456789';
const mask = '*'.repeat(key.length);

function scrub(
  text: string,
  cuts: readonly number[],
  kind: 'operator' | 'simulated' = 'operator',
  secret = key,
): string {
  const scrubber = new KeyScrubber({ key: new Secret(secret), kind });
  const pieces: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    pieces.push(scrubber.scrub(Buffer.from(text.slice(from, cut))));
    from = cut;
  }
  return Buffer.concat([...pieces, scrubber.flush()]).toString();
}

it('blots out the key wherever two cuts divide the text, and changes nothing else', () => {
  const text = `{"a":"sk-abc","b":"${key}${key}","c":"sk-abcabcab-0123"}\n\nsk-abc`;
  const expected = text.replaceAll(key, mask);
  for (let first = 0; first <= text.length; first += 1)
    for (let second = first; second <= text.length; second += 1) expect(scrub(text, [first, second])).toBe(expected);
});

it('blots it out byte by byte', () => {
  const text = `x${key}y`;
  expect(
    scrub(
      text,
      Array.from({ length: text.length }, (_, index) => index),
    ),
  ).toBe(`x${mask}y`);
});

it('holds nothing back but what may become the key', () => {
  const scrubber = new KeyScrubber({ key: new Secret(key), kind: 'operator' });
  expect(scrubber.scrub(Buffer.from('data: tasks\n\n')).toString()).toBe('data: tasks\n\n');
  expect(scrubber.scrub(Buffer.from('the tasks')).toString()).toBe('the task');
  expect(scrubber.scrub(Buffer.from(' go on')).toString()).toBe('s go on');
});

it('does not pass on the greater part of a key that the stream breaks off in', () => {
  expect(scrub(key.slice(0, -1), [])).toBe('*'.repeat(key.length - 1));
});

it('leaves the simulated upstream’s word, and keys too short to be any, alone', () => {
  expect(scrub('a simulated answer', [4], 'simulated', 'simulated')).toBe('a simulated answer');
  expect(scrub('a test answer', [4], 'operator', 'test')).toBe('a test answer');
});

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonSkeleton } from '../../src/metering/json-skeleton.js';
import { cutAt } from './metering.js';

function reduce(text: string, cuts: readonly number[] = []): unknown {
  const skeleton = new JsonSkeleton();
  for (const piece of cutAt(text, cuts)) skeleton.write(piece);
  const kept = skeleton.take();
  return kept && JSON.parse(kept.toString());
}

/** The skeleton of a parsed value, made directly from the definition of a skeleton. */
function reduceValue(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value)) - 1 <= 200 ? value : '';
  if (Array.isArray(value))
    return value
      .filter((item) => typeof item === 'string' || (typeof item === 'object' && item !== null))
      .map(reduceValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === 'logprobs' ? null : reduceValue(member)]),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('\\', '"', '\\"', '\\\\"', 'x'.repeat(199), 'x'.repeat(200), 'y\\'.repeat(900), '"logprobs":'),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.constantFrom(null, true, false),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('logprobs', 'usage')), tie('json'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

it('a skeleton is the JSON without long strings, plain values in lists and unread members, wherever the text is cut', () => {
  fc.assert(
    fc.property(json, fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom(0, 2), (value, cuts, indent) => {
      const holder = { first: value, last: [value, 1, { value }] };
      expect(reduce(JSON.stringify(holder, null, indent), cuts)).toEqual(reduceValue(holder));
    }),
    { numRuns: 500 },
  );
});

it('a skeleton is the same when every byte arrives separately', () => {
  const value = { a: ['x'.repeat(500), 1, [2, { b: '\\"' }]], logprobs: [{ c: 1 }], d: -1.5e3, e: null };
  const written = JSON.stringify(value);
  expect(reduce(written, [...Buffer.from(written).keys()])).toEqual(reduceValue(value));
});

it.each([
  ['a list that does not end', '[{"a":1}'],
  ['a brace that closes a list', '[}'],
  ['a plain value', '"a"'],
  ['nothing', ''],
  ['too much depth', `${'['.repeat(300)}${']'.repeat(300)}`],
  ['too many members', `{${Array.from({ length: 60_000 }, (_, index) => `"m${index}":1`).join()}}`],
])('there is no skeleton of %s', (_name, written) => {
  expect(reduce(written)).toBeUndefined();
});

it.each([
  ['one string', '{"a":"', 'x'],
  ['escapes', '{"a":"', '\\"'],
  ['numbers', '{"a":[', '0.125,'],
  ['empty objects', '{"a":[', '{},'],
  ['members', '{"a":[', '{"a":1},'],
])('fifty megabytes of %s need little memory', (_kind, begin, piece) => {
  const before = process.memoryUsage().rss;
  const skeleton = new JsonSkeleton();
  skeleton.write(Buffer.from(begin));
  const chunk = Buffer.from(piece.repeat(Math.floor(65_536 / piece.length)));
  for (let sent = 0; sent < 50_000_000; sent += chunk.length) skeleton.write(chunk);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1_048_576);
});

import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyFinder } from '../src/secrecy/key-finder.js';
import { KeyScrubber } from '../src/secrecy/key-scrubber.js';
import { createNameSpelling, listKeySpellings } from '../src/secrecy/key-spellings.js';

const prefix = 'sk-proj-';
const secret = 'T3BlbkFJq7Zx-Wv2_Lm9RtYb4NcKdE1HgPsUaJo6';
const key = `${prefix}${secret}`;

function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...[...cuts].sort((one, other) => one - other), text.length];
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

function scrub(text: string, cuts: readonly number[] = [], finder = new KeyFinder(listKeySpellings(key))): string {
  const scrubber = new KeyScrubber(finder);
  const pieces = cutAt(text, cuts).map((piece) => scrubber.scrub(Buffer.from(piece, 'latin1')));
  return Buffer.concat([...pieces, scrubber.flush()]).toString('latin1');
}

const mask = (text: string) => '*'.repeat(text.length);
const escapeAll = (text: string, spell: (code: string) => string) =>
  Array.from(text, (character) => spell(character.charCodeAt(0).toString(16).padStart(2, '0'))).join('');

/** Encodings of the provider key or most of it. */
const written: Record<string, string> = {
  'as it is': key,
  'all but its last character': key.slice(0, -1),
  'all but its first character': key.slice(1),
  'all but its prefix': secret,
  'its second half': secret.slice(-20),
  'twelve characters of it': secret.slice(9, 21),
  'with a JSON escape': key.replaceAll('-', '\\u002d'),
  'with a JSON escape in capitals': key.replaceAll('_', '\\u005F'),
  'with an escape in a string in a string': key.replaceAll('-', '\\\\\\\\u002d'),
  'all in JSON escapes': escapeAll(key, (code) => `\\u00${code}`),
  'percent-encoded': key.replaceAll('-', '%2D').replaceAll('_', '%5f'),
  'percent-encoded twice': key.replaceAll('-', '%252D'),
  'all percent-encoded': escapeAll(key, (code) => `%${code}`),
};

it('masks the provider key or most of it in any encoding, wherever two cuts divide the text, and nothing else', () => {
  for (const [name, text] of Object.entries(written)) {
    const before = '{"a":"sk-proj-, %41 \\u0041\\n';
    const after = '?","b":"sk-proj-T3BlbkFJq7Z","c":"\\u00"}\n\n';
    const whole = `${before}${text}${after}`;
    const expected = `${before}${mask(text)}${after}`;
    const from = before.length - 2;
    for (let first = from; first <= from + text.length + 3; first += text.length > 100 ? 7 : 1)
      for (let second = first; second <= from + text.length + 4; second += text.length > 100 ? 11 : 1)
        expect([name, scrub(whole, [first, second])]).toEqual([name, expected]);
  }
});

it('masks the provider key in base64 with any text around it', () => {
  for (let before = 0; before < 4; before += 1)
    for (let after = 0; after < 4; after += 1)
      for (const encoding of ['base64', 'base64url'] as const) {
        const around = [randomBytes(before), Buffer.from(key), randomBytes(after)] as const;
        const scrubbed = scrub(`"${Buffer.concat(around).toString(encoding)}"`);
        const shown = Buffer.from(scrubbed.replaceAll('*', 'A'), encoding).toString('latin1');
        for (let start = 0; start + 4 <= key.length; start += 1)
          expect(shown).not.toContain(key.slice(start, start + 4));
      }
});

const randomKey = fc
  .tuple(
    fc.constantFrom('sk-', 'sk-proj-', 'sk-ant-api03-', 'AIza', 'AQ.', 'gsk_', 'live-'),
    fc.stringMatching(/^[\w-]{24,80}$/),
  )
  .map(([start, rest]) => `${start}${rest}`);

it('a provider key never comes out, wherever it is cut, and all other bytes come out unchanged', () => {
  const text = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('KEY', 'KEY', '\\u', '%2', '"}\n\n')), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(randomKey, text, fc.array(fc.nat(400), { maxLength: 12 }), (random, parts, cuts) => {
      // the random texts have no characters of keys, so that none contains a part of the key by chance
      const others = parts.map((part) => (part === 'KEY' ? part : part.replace(/[^\\"\s%~|]/g, '~')));
      const finder = new KeyFinder(listKeySpellings(random));
      const whole = others.map((part) => (part === 'KEY' ? random : part)).join('');
      const expected = others.map((part) => (part === 'KEY' ? mask(random) : part)).join('');
      const latin = Buffer.from(whole).toString('latin1');
      const places = cuts.map((cut) => cut % (latin.length + 1));
      expect(scrub(latin, places, finder)).toBe(Buffer.from(expected).toString('latin1'));
    }),
    { numRuns: 500 },
  );
});

it('no twelve successive secret characters of a provider key come out of adjacent or nested parts, wherever they are cut', () => {
  const run = fc
    .tuple(fc.nat(key.length), fc.nat(key.length))
    .map(([one, other]) => key.slice(Math.min(one, other), Math.max(one, other)));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 8 }), (runs, cuts) => {
      const whole = runs.join('');
      const out = scrub(
        whole,
        cuts.map((cut) => cut % (whole.length + 1)),
      );
      expect(out).toHaveLength(whole.length);
      expect(out).toBe(scrub(whole));
      for (let start = prefix.length; start + 12 <= key.length; start += 1)
        expect(out).not.toContain(key.slice(start, start + 12));
    }),
    { numRuns: 500 },
  );
});

it('bytes without a part of a provider key come out unchanged, and at once if they end with a line ending or a space', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 6 }), (bytes, cuts) => {
      const latin = Buffer.from(bytes).toString('latin1');
      expect(
        scrub(
          latin,
          cuts.map((cut) => cut % (latin.length + 1)),
        ),
      ).toBe(latin);
    }),
    { numRuns: 500 },
  );
  const scrubber = new KeyScrubber(new KeyFinder(listKeySpellings(key)));
  const event = 'data: {"text":"tasks, sk-proj-\\u00e9 100%"}\n\n';
  expect(scrubber.scrub(Buffer.from(event)).toString()).toBe(event);
});

it('finds no provider key in 5 MB of random text', () => {
  const finder = new KeyFinder(listKeySpellings(key));
  const bytes = randomBytes(4_000_000).toString('base64');
  expect(finder.find(Buffer.from(bytes))).toEqual([]);
});

it('holds back fewer bytes than a provider key has', () => {
  const scrubber = new KeyScrubber(new KeyFinder(listKeySpellings(key)));
  let given = 0;
  let got = 0;
  for (let round = 0; round < 50; round += 1)
    for (const piece of `${key.slice(0, -1)}${secret}-+`) {
      given += 1;
      got += scrubber.scrub(Buffer.from(piece)).length;
      expect(given - got).toBeLessThan(key.length);
    }
  expect(scrubber.scrub(Buffer.from('!\n')).length + got).toBe(given + 2);
});

it('the common prefix of a vendor’s provider keys, and a few of their characters, are not masked', () => {
  for (const honest of [
    'Keys begin with sk-proj- or sk-ant-api03-.',
    `it ends in ${secret.slice(-4)}`,
    'sk-proj-T3BlbkFJ',
  ])
    expect(scrub(honest)).toBe(honest);
});

it.each(['AQ.Ab8RN6', 'acme-live-', 'tgp_v1_', ''])(
  'twelve characters of a random provider key that begins with %j are masked',
  (start) => {
    const finder = new KeyFinder(listKeySpellings(start + secret));
    expect(scrub(`wrong key: ${secret.slice(8, 20)}`, [], finder)).toBe(`wrong key: ${mask(secret.slice(8, 20))}`);
  },
);

it('if a provider key consists of words, a part of it is masked only if it is most of the key; one that is too short is not masked', () => {
  const words = new KeyFinder(listKeySpellings('our-own-model-server-in-the-cellar'));
  expect(scrub('ask our-own-model-server for it', [5], words)).toBe('ask our-own-model-server for it');
  expect(scrub('our-own-model-server-in-the-cella!', [5], words)).toBe(`${mask('our-own-model-server-in-the-cella')}!`);
  expect(scrub('a test answer', [4], new KeyFinder(listKeySpellings('test')))).toBe('a test answer');
});

it('a name is masked only where it is complete', () => {
  const named = new KeyFinder([...listKeySpellings(key), createNameSpelling('org-AbCdEf123456')]);
  expect(scrub(`x org-AbCdEf123456 org-AbCdEf12345 ${key}`, [9], named)).toBe(
    `x ${mask('org-AbCdEf123456')} org-AbCdEf12345 ${mask(key)}`,
  );
});

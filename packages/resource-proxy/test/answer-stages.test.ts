import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventLines } from '../src/secrecy/event-lines.js';
import { KeyFinder } from '../src/secrecy/key-finder.js';
import { KeyInPieces } from '../src/secrecy/key-in-pieces.js';
import { listKeySpellings } from '../src/secrecy/key-spellings.js';
import { NamedValues } from '../src/secrecy/named-values.js';

interface Stage {
  feed(bytes: Buffer): Buffer;
  end(): Buffer;
}

const secret = 'T3BlbkFJq7Zx-Wv2_Lm9RtYb4NcKdE1HgPsUaJo6';
const finder = new KeyFinder(listKeySpellings(`sk-proj-${secret}`));
const openLines = () => new EventLines(new KeyInPieces(finder));

function pass(stage: Stage, text: string, cuts: readonly number[]): string {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  const out = places.slice(1).map((end, index) => stage.feed(bytes.subarray(places[index], end)));
  return Buffer.concat([...out, stage.end()]).toString();
}

const cuts = fc.array(fc.nat(2_000), { maxLength: 8 });
const json = fc.jsonValue({ maxDepth: 4 });

it('JSON without names of the owner’s account comes out unchanged, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 4 }), cuts, fc.constantFrom(0, 1, 2), (values, places, indent) => {
      const text = values
        .map((value) => JSON.stringify({ error: value, x: { organization: null } }, null, indent))
        .join('\n');
      fc.pre(!/sk-|org|proj|user|acct|wrkspc|consumer|@|AIza|AQ\.|[pr]k-/i.test(text.replaceAll('"organization"', '')));
      expect(pass(new NamedValues(), text, places)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

it('events without names of the owner’s account come out unchanged, wherever they are cut', () => {
  const line = fc.oneof(
    json.map((value) => `data: ${JSON.stringify({ type: 'x', delta: value })}`),
    fc.constantFrom('', '', 'event: x', ': comment', 'data:', 'data', 'data: [DONE]', 'data: {', '\r'),
    fc.nat(90_000).map((length) => `data: "${'~'.repeat(length)}"`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(200_000), { maxLength: 8 }), (lines, places) => {
      const text = lines.join('\n');
      expect(pass(openLines(), text, places)).toBe(text);
    }),
    { numRuns: 200 },
  );
});

it('a name of the owner’s account in an error is masked, wherever it is cut and however it is escaped; the rest is kept', () => {
  const name = 'org-AbCdEf123456';
  const spelled = fc.constantFrom(name, name.replace('-', '\\u002d'), name.replaceAll('A', '\\u0041'));
  const honest = 'the \\"error\\": org-AbCdEf123456 in a text';
  fc.assert(
    fc.property(spelled, cuts, fc.constantFrom('error', 'organization', 'project_id'), (written, places, member) => {
      const value = member === 'error' ? `{"message":"in ${written}\\n","n":1}` : `"${written}"`;
      const text = `{"text":"${honest}","${member}" : ${value},"last":"${honest}"}`;
      const expected = text.replace(`${value},`, `${value.replace(written, '*'.repeat(written.length))},`);
      expect(pass(new NamedValues(), text, places)).toBe(expected);
      expect(pass(openLines(), `data: ${text}\n\n`, places)).toBe(`data: ${expected}\n\n`);
    }),
    { numRuns: 300 },
  );
});

it('a provider key in pieces is found even if its characters are escaped, in any member and in data that is not JSON', () => {
  const escapeAll = (text: string) =>
    Array.from(text, (character) => `\\u00${character.charCodeAt(0).toString(16)}`).join('');
  const shapes: Record<string, (piece: string) => string> = {
    chat: (piece) => `{"choices":[{"index":0,"delta":{"content":"${piece}"}}]}`,
    'two answers at once': (piece) =>
      `{"choices":[{"index":0,"delta":{"content":"${piece}"}},{"index":1,"delta":{"content":"x"}}]}`,
    reasoning: (piece) => `{"choices":[{"index":0,"delta":{"content":"","reasoning_content":"${piece}"}}]}`,
    'a tool': (piece) => `{"type":"content_block_delta","index":1,"delta":{"partial_json":"${piece}"}}`,
    content: (piece) => `{"candidates":[{"content":{"parts":[{"text":"${piece}"}]}}]}`,
    'a tool beside a text': (piece) =>
      `{"choices":[{"index":0,"delta":{"content":"x","tool_calls":[{"index":0,"function":{"arguments":"${piece}"}}]}}]}`,
    'reasoning beside a text': (piece) =>
      `{"choices":[{"index":0,"delta":{"content":"x","reasoning_content":"${piece}"}}]}`,
    'a refusal beside a text': (piece) => `{"choices":[{"index":0,"delta":{"content":"x","refusal":"${piece}"}}]}`,
    'the second of two answers': (piece) =>
      `{"choices":[{"index":0,"delta":{"content":"x"}},{"index":1,"delta":{"refusal":"${piece}"}}]}`,
    'a tool beside the text of a block': (piece) =>
      `{"type":"content_block_delta","index":1,"delta":{"text":"x","partial_json":"${piece}"}}`,
    'a call beside a part': (piece) =>
      `{"candidates":[{"content":{"parts":[{"text":"x"},{"functionCall":{"args":{"q":"${piece}"}}}]}}]}`,
    'code beside a part': (piece) =>
      `{"candidates":[{"content":{"parts":[{"text":"x"},{"executableCode":{"code":"${piece}"}}]}}]}`,
    'arguments beside a delta': (piece) => `{"type":"response.x","delta":"x","arguments":"${piece}"}`,
    'no JSON': (piece) => piece,
  };
  for (const [name, write] of Object.entries(shapes))
    for (const escape of name === 'no JSON' ? [(text: string) => text] : [(text: string) => text, escapeAll]) {
      const lines = openLines();
      const pieces = secret.match(/.{1,5}/g) ?? [];
      // some escaped, some not
      const events = pieces.map((piece, index) => `data: ${write(index % 2 === 0 ? escape(piece) : piece)}\n\n`);
      expect([name, lines.feed(Buffer.from(events.slice(0, 2).join(''))).toString()]).toEqual([
        name,
        events.slice(0, 2).join(''),
      ]);
      expect(() => lines.feed(Buffer.from(events[2] ?? ''))).toThrow('upstream_failed');
    }
});

it('a complete event is passed on at once, and at most a line or a member of an incomplete event is held back', () => {
  expect(openLines().feed(Buffer.from('data: {"a":1}\n\n')).toString()).toBe('data: {"a":1}\n\n');
  expect(openLines().feed(Buffer.from('data: {"a":1}\r\r')).toString()).toBe('data: {"a":1}\r\r');
  expect(openLines().feed(Buffer.from('data: {"a":1}\r\n\r\n')).toString()).toBe('data: {"a":1}\r\n\r\n');
  const names = new NamedValues();
  for (const text of ['{"a":"errand', 's","b":"x"}', ',"c":1', '}'])
    expect(names.feed(Buffer.from(text)).toString()).toBe(text);
  const lines = openLines();
  let given = 0;
  let got = 0;
  for (let round = 0; round < 200; round += 1) {
    given += 1_000;
    got += lines.feed(Buffer.alloc(1_000, 'x')).length;
    expect(given - got).toBeLessThanOrEqual(65_536);
  }
  expect(got).toBe(given);
});

it('a provider key in pieces of any lengths is found before twelve of its characters have passed; other text is not affected', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (lengths, before, after) => {
      let at = 0;
      const texts = lengths.map((length) => secret.slice(at, (at += length))).filter((text) => text !== '');
      const watch = new KeyInPieces(finder);
      let passed = 0;
      const read = (content: string) => watch.read({ choices: [{ index: 0, delta: { content } }] });
      read(before);
      expect(() => {
        for (const text of texts) {
          read(text);
          passed += text.length;
        }
      }).toThrow('upstream_failed');
      expect(passed).toBeLessThan(12);
      const other = new KeyInPieces(finder);
      for (const text of [before, ...texts.toReversed(), after])
        other.read({ choices: [{ index: 0, delta: { content: text.slice(0, 5) } }] });
    }),
    { numRuns: 300 },
  );
});

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Denied } from '../src/denials/denial.js';
import { jsonBounds, measureJson, readStrictJson } from '../src/json/read-strict-json.js';
import { scanJson } from '../src/json/scan-json.js';

const megabyte = 1024 * 1024;

function problemOf(text: string): string | undefined {
  try {
    measureJson(Buffer.from(text));
    return undefined;
  } catch (error) {
    return error instanceof Denied && error.denial.reason === 'body_malformed' ? error.denial.problem : String(error);
  }
}

function shapeOf(text: string) {
  const scan = scanJson(Buffer.from(text), jsonBounds);
  if (!scan.ok) throw new Error(scan.problem);
  return scan.shape;
}

const list = (count: number, piece: string) => `{"x":[${Array(count).fill(piece).join()}]}`;
const base64 = (length: number) => 'iVBORw0KGgo+/'.repeat(Math.ceil(length / 13)).slice(0, length);
const chat = (messages: unknown) => JSON.stringify({ model: 'gpt-4o-mini', messages });

// The ids at the beginning of titles are rows of docs/security.md.
it('X1: a body with too many values of any kind is refused before anything is built from it', () => {
  for (const piece of ['{}', '[]', '1', '""', 'null', '{"a":[]}'])
    expect([piece, problemOf(list(1_000_000, piece))]).toEqual([piece, expect.stringMatching(/^too_many_/)]);
  expect(problemOf(`{"x":[${','.repeat(1_000_000)}]}`)).toBe('too_many_values');
  expect(problemOf(list(400_001, '1'))).toBe('too_many_values');
  expect(problemOf(list(399_000, '1'))).toBeUndefined();
});

it('X1: a body with too many escapes is refused, wherever they are', () => {
  const escapes = (count: number, escape: string) => `{"x":"${escape.repeat(count)}"}`;
  expect(problemOf(escapes(2_000_001, '\\"'))).toBe('too_many_escapes');
  expect(problemOf(escapes(2_000_001, '\\\\'))).toBe('too_many_escapes');
  expect(problemOf(`{"${'\\n'.repeat(2_000_001)}":1}`)).toBe('too_many_escapes');
  expect(problemOf(escapes(1_999_000, '\\u4e2d'))).toBeUndefined();
  expect(problemOf(`{"x":"${`${'x'.repeat(1_000)}\\n`.repeat(5_000)}"}`)).toBeUndefined();
});

it('X1: a body with too much text, names, digits or blanks outside its media is refused', () => {
  const much = jsonBounds.textBytes;
  for (const text of [
    `{"x":"${'a b '.repeat(much / 4)}"}`,
    `{"${base64(much)}":1}`,
    `{"x":${'1'.repeat(much)}}`,
    `{"x":[${' '.repeat(much)}]}`,
    `{"x":"${'é'.repeat(much / 2)}"}`,
    `{"x":"data:text/html,${'a'.repeat(much)}"}`,
    `{"x":"${base64(much)}\\n"}`,
    `{"x":"${base64(much)}`,
  ])
    expect([text.slice(0, 20), problemOf(text)]).toEqual([text.slice(0, 20), 'too_much_text']);
});

it('usual large requests pass: long conversations, many tools, pictures, 32 MB of base64, a million tokens of text', () => {
  const messages = Array.from({ length: 2_000 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text: `"Message" ${index}\n`.repeat(20) }],
  }));
  const property = { type: 'string', description: 'One of several.', enum: ['a', 'b', 'c'] };
  const properties = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`property_${index}`, property]));
  const parameters = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
  const tools = Array.from({ length: 500 }, (_, index) => ({
    type: 'function',
    function: { name: `tool_${index}`, description: 'Does something.', parameters },
  }));
  const picture = (bytes: number) => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${base64(bytes)}` },
  });
  const code = '    const answer = ask("what", { is: \'it\' }); // "quoted"\n';
  const bodies: Record<string, string> = {
    messages: chat(messages),
    tools: JSON.stringify({ model: 'gpt-4o-mini', messages, tools }),
    pictures: chat([{ role: 'user', content: Array.from({ length: 40 }, () => picture(780_000)) }]),
    'one file': chat([{ role: 'user', content: [{ inlineData: { data: base64(31.9 * megabyte) } }] }]),
    code: chat([{ role: 'user', content: code.repeat(Math.floor((6 * megabyte) / code.length)) }]),
    'Chinese in ASCII': chat([{ role: 'user', content: '中'.repeat(1_400_000) }]).replaceAll('中', '\\u4e2d'),
    'tokens as numbers': JSON.stringify({ input: Array.from({ length: 300_000 }, (_, index) => index % 100_000) }),
  };
  for (const [name, text] of Object.entries(bodies)) expect([name, problemOf(text)]).toEqual([name, undefined]);
});

it('whatever the strings contain, the scan counts exactly the escapes, and at least as many values as there are', () => {
  const count = (value: unknown): number =>
    typeof value !== 'object' || value === null
      ? 1
      : Object.values(value).reduce<number>((sum, item) => sum + count(item), 1);
  const text = fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '[', 'a', 'é', '😀', '\n'), maxLength: 800 });
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), text, (value, string) => {
      const written = JSON.stringify({ value, string });
      const { values, escapes, textBytes } = shapeOf(written);
      expect(values).toBeGreaterThanOrEqual(count({ value, string }));
      expect(values).toBeLessThanOrEqual(2 * count({ value, string }));
      expect(escapes).toBe(written.match(/\\(u....|.)/g)?.length ?? 0);
      expect(textBytes).toBe(Buffer.byteLength(written));
    }),
    { numRuns: 500 },
  );
});

it('media are distinguished from text by their characters: base64, alone or in a data URL, but not in a member name', () => {
  const isMedia = (written: string) => shapeOf(`{"x":${written}}`).media.length === 1;
  const long = base64(2_000);
  for (const media of [
    `"${long}"`,
    `"${long.replaceAll('+', '-').replaceAll('/', '_')}=="`,
    `"data:image/png;base64,${long}"`,
    `"data:audio/x-wav;codecs=1;base64,${long}"`,
    `"data:;base64,${long}"`,
  ])
    expect([media.slice(0, 40), isMedia(media)]).toEqual([media.slice(0, 40), true]);
  for (const text of [
    `"${base64(1_000)}"`,
    `"${long} "`,
    `"${long}\\n"`,
    `"${long}é"`,
    `"data:image/png,${long}"`,
    `"data:image/png;base64,,${long}"`,
    `{"${long}":1}`,
    `{"${long}" \n :1}`,
    `"${long}`,
  ])
    expect([text.slice(0, 40), isMedia(text)]).toEqual([text.slice(0, 40), false]);
});

it('any number of media are put back in their places, with any text around them', () => {
  const media = fc.integer({ min: 16_384, max: 20_000 }).map(base64);
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      media,
      fc.string(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1), (anything, indent) => {
      const body = { anything, picture: base64(30_000) };
      const json = readStrictJson(Buffer.from(JSON.stringify(body, undefined, indent)));
      expect(json.value).toEqual(body);
      json.media.takeOut();
      expect(JSON.stringify(json.value).length).toBeLessThan(JSON.stringify(body).length);
      expect(json.media.write(JSON.stringify(json.value)).toString()).toBe(JSON.stringify(body));
    }),
    { numRuns: 100 },
  );
});

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Denied } from '../src/denials/denial.js';
import { inspectBody } from '../src/json/inspect-body.js';
import { jsonBounds, readStrictJson } from '../src/json/read-strict-json.js';
import { scanJson } from '../src/json/scan-json.js';

function read(text: string): unknown {
  const json = readStrictJson(Buffer.from(text));
  inspectBody(json, {
    opaque: new Set(['data']),
    canonicalName: (name) => name,
    isLeftOut: () => false,
    visit: () => undefined,
  });
  return json.value;
}

function problemOf(text: string): string | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    return error instanceof Denied && error.denial.reason === 'body_malformed' ? error.denial.problem : String(error);
  }
}

const isPlain = (value: unknown): boolean =>
  !/"(__proto__|constructor|prototype|api_?[kK]ey)"/.test(JSON.stringify(value));
/** Replaces the numbers with small ones, which all parsers read alike. */
const tame = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, item: unknown) =>
    typeof item === 'number' ? item % 1_000 : item,
  ) as unknown;
const values = fc.jsonValue({ maxDepth: 6 }).map(tame);
const objects = fc.dictionary(fc.string(), values).filter(isPlain);
const reread = (text: string) => JSON.parse(text) as unknown;

it('reads every JSON object as JSON.parse does', () => {
  fc.assert(
    fc.property(objects, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(read(text)).toEqual(reread(text));
    }),
    { numRuns: 500 },
  );
});

it('finds a repeated member wherever it is', () => {
  fc.assert(
    fc.property(objects, fc.string(), values, (value, name, other) => {
      if (!isPlain({ [name]: other })) return;
      const members = JSON.stringify(value).slice(1, -1);
      const twice = `${JSON.stringify(name)}:${JSON.stringify(other)}`;
      const escaped = `"${Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}":1`;
      const rest = members === '' || Object.hasOwn(value, name) ? '' : `,${members}`;
      expect(problemOf(`{${twice},${escaped}${rest}}`)).toBe('repeated_member');
      expect(problemOf(`{"x":[{"y":{${twice},"z":{}${name === 'z' ? '' : `,${twice}`}}}]}`)).toBe('repeated_member');
    }),
    { numRuns: 500 },
  );
});

it('counts members as a parser would, with any text in strings', () => {
  const count = (value: unknown): number =>
    typeof value !== 'object' || value === null
      ? 0
      : Object.values(value).reduce<number>(
          (sum, item) => sum + count(item),
          Array.isArray(value) ? 0 : Object.keys(value).length,
        );
  fc.assert(
    fc.property(
      objects,
      fc.string({ unit: fc.constantFrom('"', '\\', ':', '{', '[', 'a', 'é', '😀', '\n'), maxLength: 200 }),
      (value, text) => {
        const whole = { ...value, text };
        expect(scanJson(Buffer.from(JSON.stringify(whole)), jsonBounds)).toMatchObject({
          ok: true,
          shape: { members: count(whole) },
        });
      },
    ),
    { numRuns: 500 },
  );
});

it('says why a body is refused', () => {
  expect(problemOf('{"a":1,"a":1}')).toBe('repeated_member');
  expect(problemOf('{"a":1e400}')).toBe('number_out_of_range');
  expect(problemOf('{"a":9007199254740993}')).toBeUndefined();
  expect(problemOf('{"data":{"a":1e400}}')).toBeUndefined();
  expect(problemOf('{"a":0.1,"b":-0,"c":1e-7,"d":9007199254740991}')).toBeUndefined();
  expect(problemOf('{"__proto__":1}')).toBe('forbidden_member');
  expect(problemOf('{"data":{"__proto__":1}}')).toBe('forbidden_member');
  expect(problemOf('{"data":{"constructor":1,"api_key":1}}')).toBeUndefined();
  expect(problemOf('{"constructor":1}')).toBe('Denied: field_forbidden');
  expect(problemOf('{"a":"\\ud800"}')).toBe('unpaired_surrogate');
  expect(problemOf('{"a":"\\ud83d\\ude00"}')).toBeUndefined();
  expect(problemOf(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`)).toBeUndefined();
  expect(problemOf(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)).toBe('too_deep');
  expect(problemOf('{"a":1} x')).toBe('not_json');
  expect(problemOf("{'a':1}")).toBe('not_json');
  expect(problemOf('{"a":NaN}')).toBe('not_json');
});

it('an error about a body contains no part of the body', () => {
  try {
    read('{"prompt": canary}');
  } catch (error) {
    expect(`${String(error)}${error instanceof Error ? `${error.stack}${String(error.cause)}` : ''}`).not.toContain(
      'canary',
    );
    return;
  }
  throw new Error('the body was accepted');
});

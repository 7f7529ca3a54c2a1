import { expect, it } from '@jest/globals';
import { NamedValues } from '../src/secrecy/named-values.js';

const names = ['org-AbCdEf123456GhIj', 'proj_ABCDEF1234567', 'projects/987654321'];
const outside = 'org-AbCdEf987654GhIj';
/** Text before and after the names. Its length decides where the chunks of the answer cut the names. */
const filler = 'a word and '.repeat(9_000);

function filter(text: string, size: number): string {
  const values = new NamedValues();
  const out: Buffer[] = [];
  for (let from = 0; from < text.length; from += size)
    out.push(values.feed(Buffer.from(text.slice(from, from + size))));
  return Buffer.concat([...out, values.end()]).toString();
}

it.each([
  ['an object', (said: string) => ({ message: `\\ "} ${said}`, code: 'x' })],
  ['a text', (said: string) => said],
])('masks the names in a long error that is %s, and nothing after it', (_name, write) => {
  for (const size of [997, 16_384, 65_537, 1_000_000])
    for (const place of [0, 60_000, 65_510, 65_520, 65_530, 65_540, 90_000]) {
      const said = `${filler.slice(0, place)} ${names.join(' ')} ${filler.slice(place)} ${names.join(' ')}`;
      const text = JSON.stringify({ error: write(said), text: outside });
      const filtered = filter(text, size);
      for (const name of names) expect([size, place, filtered.includes(name)]).toEqual([size, place, false]);
      expect(filtered).toHaveLength(text.length);
      expect((JSON.parse(filtered) as { text: string }).text).toBe(outside);
    }
});

it('masks the names in an error that is cut off', () => {
  const filtered = filter(`{"error":{"message":"in ${names.join(', ')}, and`, 7);
  for (const name of names) expect(filtered).not.toContain(name);
});

it('does not change a long value that has no names', () => {
  const text = JSON.stringify({ error: { picture: 'A'.repeat(300_000), words: filler }, more: 1 });
  for (const size of [997, 65_537]) expect(filter(text, size)).toBe(text);
});

import { expect, it } from '@jest/globals';
import { EventLines } from '../src/secrecy/event-lines.js';
import { KeyFinder } from '../src/secrecy/key-finder.js';
import { KeyInPieces } from '../src/secrecy/key-in-pieces.js';
import { NamedValues } from '../src/secrecy/named-values.js';

/** Texts in which a search for names could take time that grows with the square of the length. */
const hostile: Readonly<Record<string, (index: number) => string>> = {
  'one long word': () => 'a',
  'one long word with marks': () => 'a.+-_',
  'many e-mail addresses': (index) => `a${index}@b.example `,
  'e-mail addresses without an end': () => 'a@',
  'host names without an end': () => 'a@b-',
  'many identifiers of users': (index) => `user-${`${index}`.padStart(10, 'a')} `,
  'identifiers without a digit': () => 'user-aaaaaaaaaa',
  'many projects': (index) => `projects/${1_000_000 + index} `,
  'a project without a name': () => 'project:',
  'marks after a project': (index) => (index === 0 ? 'project' : '/:'),
  'many provider keys': (index) => `sk-${index}aaaa `,
  'one long provider key, and parts of it': (index) => (index === 0 ? 'sk-' : index === 20_000 ? ' b' : 'a'),
  'escaped characters': () => '\\u0061',
  'escaped slashes': () => '\\/',
  'percent escapes': () => '%2525',
  backslashes: () => '\\\\',
};
const ordinary = () => 'a word and ';

function write(part: (index: number) => string, length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index += 1) text += part(index);
  return text;
}

function filter(json: string): string {
  const values = new NamedValues();
  return Buffer.concat([values.feed(Buffer.from(json)), values.end()]).toString();
}

function filterEvents(json: string): string {
  const lines = new EventLines(new KeyInPieces(new KeyFinder([])));
  return Buffer.concat([lines.feed(Buffer.from(`data: ${json}\n\n`)), lines.end()]).toString();
}

const answers: Readonly<Record<string, (part: (index: number) => string) => string>> = {
  'an error': (part) => filter(`{"error":{"type":"x","message":"${write(part, 60_000)}"}}`),
  'a value named project': (part) => filter(`{"project":"${write(part, 60_000)}"}`),
  'an error in parts': (part) => filter(`{"error":{"type":"x","message":"${write(part, 150_000)}"}}`.slice(0, -3)),
  'an error event': (part) => filterEvents(`{"type":"error","error":{"message":"${write(part, 16_000)}"}}`),
  'an event with an error': (part) =>
    filterEvents(`{"type":"x","error":{"type":"x","message":"${write(part, 60_000)}"}}`),
};

/** The shortest of three times: other work on the machine only makes a time longer. */
function measure(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

it.each(Object.keys(answers))(
  'a hostile text in %s takes no longer to filter than a few hundred ordinary ones',
  (place) => {
    const answer = answers[place] ?? (() => '');
    // An ordinary text takes about a millisecond. A search whose time grows with the square takes ten seconds.
    const most =
      300 *
      Math.max(
        1,
        measure(() => answer(ordinary)),
      );
    for (const [kind, part] of Object.entries(hostile))
      expect([kind, measure(() => answer(part)) < most]).toEqual([kind, true]);
  },
);

const filterMessage = (message: string) => {
  const filtered = JSON.parse(filter(JSON.stringify({ error: { type: 'x', message } }))) as {
    error: { message: string };
  };
  return filtered.error.message;
};

it('masks each of very many names in an error', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `a${index}@b.example`);
  expect(filterMessage(names.join(' '))).toBe(names.map((name) => '*'.repeat(name.length)).join(' '));
});

it('masks names next to escapes, and the JSON stays valid', () => {
  const rows: readonly (readonly [said: string, shown: RegExp])[] = [
    ['of\nowner@example.org\tand', /^of\n\*{17}\tand$/],
    ['"owner@example.org"', /^"\*{17}"$/],
    ['key sk-abcd…wxyz, sk-abcd**wxyz', /^key \*+, \*+$/],
    ['in {"project":"my-project","user":"user-abc123def456"}', /^in \{"\*+","user":"\*+"\}$/],
    ['projects/1234567 of jane.doe_user-1234567@example.org', /^\*+ of \*+$/],
    ['project: jane.doe@example.org', /^\*+$/],
    ['ünïcödé owner@example.org 密钥', /^ünïcödé \*{17} 密钥$/],
    [
      'nothing, and no name: a @ b, project x, user-name, %41',
      /^nothing, and no name: a @ b, project x, user-name, %41$/,
    ],
  ];
  for (const [said, shown] of rows) expect([said, filterMessage(said)]).toEqual([said, expect.stringMatching(shown)]);
});

it('masks names that are written with escapes', () => {
  const said = String.raw`{"error":{"type":"x","message":"sk-abcd\u2026wxyz projects\/1234567 owner\u0040example.org owner%40example.org"}}`;
  const filtered = filter(said);
  expect(filtered).toHaveLength(said.length);
  expect((JSON.parse(filtered) as { error: { message: string } }).error.message).toMatch(/^[* ]+$/);
});

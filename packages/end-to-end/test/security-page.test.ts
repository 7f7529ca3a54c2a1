import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const page = fileURLToPath(new URL('../../../../docs/security.md', import.meta.url));
/** Each list item is one line here, because a citation may be wrapped over lines. */
const text = readFileSync(page, 'utf8').replaceAll(/\n {2}(?=\S)/g, ' ');
/** Link definitions of Markdown: `[label]: ../some/file`. */
const files = new Map(
  [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, label = '', file = '']) => [
    label,
    path.resolve(path.dirname(page), file),
  ]),
);

it('every file that the security page names exists', () => {
  const inline = [...text.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, file = '']) =>
    path.resolve(path.dirname(page), file),
  );
  const missing = [...files.values(), ...inline].filter((file) => !existsSync(file));
  expect(missing).toEqual([]);
  const labels = [...text.matchAll(/\[([^\]\n]+)\](?![:(])/g)].map(([, label = '']) => label);
  expect(labels.filter((label) => !files.has(label))).toEqual([]);
});

/**
 * Whether a test has this title. The titles of its groups (`describe`) come first: `a group › a test`. A note that the
 * source adds at the end of a title, as in `${skipped}`, is not cited.
 */
function hasTest(source: string, title: string): boolean {
  let from = 0;
  return title.split(' › ').every((part) => {
    const found = [`'${part}'`, `\`${part}\``, `\`${part}\${`].map((quoted) => source.indexOf(quoted, from));
    from = Math.min(...found.filter((index) => index >= 0)) + part.length;
    return Number.isFinite(from);
  });
}

it('every test title that the security page quotes is complete, and in the file that the page names with it', () => {
  const citations = [...text.matchAll(/“([^”]+)” \(\[([^\]]+)\]\)/g)];
  expect(citations.length).toBeGreaterThan(150);
  const wrong = citations.filter(([, title = '', label = '']) => {
    const file = files.get(label);
    return file === undefined || !hasTest(readFileSync(file, 'utf8'), title);
  });
  expect(wrong.map(([citation]) => citation)).toEqual([]);
});

it('every row of the security page names a test, or says why there is none', () => {
  const rows = text.split(/^(?=\*\*(?:[A-Z]\d|3\.\d)|#)/m).filter((part) => part.startsWith('**'));
  expect(rows.length).toBeGreaterThan(140);
  expect(rows.filter((row) => !row.includes('“') && !row.includes('**Not '))).toEqual([]);
  expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
});

it('every row of the security page has its own id', () => {
  const ids = [...text.matchAll(/^\*\*([A-Z]+\d+|3\.[\d.]+)\*\* /gm)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(140);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));
/** The test files in which titles begin with ids, and the ids of each title: `S8, F13`. */
const filesWithIds = readdirSync(packages)
  .map((name) => path.join(packages, name, 'test'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => path.join(folder, String(file))))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => ({ file: path.relative(packages, file), source: readFileSync(file, 'utf8') }))
  .map(({ file, source }) => ({
    file,
    source,
    idsOfTitles: [...source.matchAll(/['`]((?:(?:[A-Z]{1,2}\d+|\d\.\d[\d.]*)(?:,? |(?=:)))+): /g)].map(
      ([, ids = '']) => ids,
    ),
  }))
  .filter(({ idsOfTitles }) => idsOfTitles.length > 0);

it('every id with which the title of a test begins is the id of a row of the security page', () => {
  const ids = [...text.matchAll(/^\*\*([A-Z]+\d+|3\.[\d.]+)\*\* /gm)].map(([, id = '']) => id);
  const isRow = (id: string) => ids.some((row) => row === id || row.startsWith(`${id}.`));
  const titles = filesWithIds.flatMap(({ idsOfTitles }) => idsOfTitles);
  expect(titles.length).toBeGreaterThan(500);
  expect(titles.filter((title) => !title.split(/,? /).every(isRow))).toEqual([]);
});

it('every test file in which titles begin with ids says that they are rows of the security page', () => {
  const line = '// The ids at the beginning of titles are rows of docs/security.md.';
  const silent = filesWithIds.filter(({ source }) => !source.includes(line));
  expect(silent.map(({ file }) => file)).toEqual([]);
});

it('no line of the security page is longer than 140 characters, except for link definitions', () => {
  const long = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => line.length > 140 && !line.startsWith('['));
  expect(long).toEqual([]);
});

it('every file that the conformance page names exists', () => {
  const known = new Set(
    readdirSync(packages)
      .flatMap((name) => ['src', 'test'].map((folder) => path.join(packages, name, folder)))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => path.basename(String(file)))),
  );
  const conformance = readFileSync(path.join(path.dirname(page), 'conformance.md'), 'utf8');
  const named = [...conformance.matchAll(/`([\w.-]+\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((file) => !known.has(file))).toEqual([]);
});

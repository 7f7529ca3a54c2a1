import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const engine = new URL('../../../src/oidc/engine/', import.meta.url);
const canaries = new URL('../../../test/engine/', import.meta.url);

/** The titles of all canaries, in alphabetical order. */
function listTitles(): string[] {
  return readdirSync(canaries)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(new URL(file, canaries), 'utf8').matchAll(/^canary\(\s*'(?<title>[^']+)'/gm)])
    .map(({ groups = {} }) => groups['title'] ?? '')
    .toSorted();
}

/** The assumptions that a source file states in its comments. */
function listStated(file: string): string[] {
  const text = readFileSync(new URL(file, engine), 'utf8')
    .replace(/\n\s*\* ?/g, ' ')
    .replaceAll("'", '’');
  return [...text.matchAll(/Assumption: (?<assumption>[^*]+?)\.(?= |$|\n)/g)].map(
    ({ groups = {} }) => groups['assumption'] ?? '',
  );
}

it('each assumption is listed in its file and in the README of oidc/engine, and has a canary', () => {
  const listed = [
    ...readFileSync(new URL('README.md', engine), 'utf8').matchAll(
      /^\| (?<assumption>[^|]+) \| \[`(?<file>[^`]+)`\]/gm,
    ),
  ].map(({ groups = {} }) => `${groups['file']}: ${groups['assumption']}`);
  const stated = readdirSync(engine)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => listStated(file).map((assumption) => `${file}: ${assumption}`));
  expect(listed.toSorted()).toEqual(stated.toSorted());
  expect(listed.map((row) => row.slice(row.indexOf(': ') + 2)).toSorted()).toEqual(listTitles());
});

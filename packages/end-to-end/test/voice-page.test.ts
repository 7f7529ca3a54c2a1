import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { listCode, listSources, packages, withoutComments } from './harness/list-sources.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const voice = read('docs/voice.md');

/** The pages for developers name two things of OAuth: the client ID, and the authorization server. */
const forDevelopers = /^(clients|developers|playground)\.ts$/;
const oauthWords = ['client', 'authorization'];
const guides = [
  'README.md',
  'CONTRIBUTING.md',
  ...['user-guide', 'client-guide', 'operations', 'account-api', 'ai-access', 'clients', 'configuration'].map(
    (name) => `docs/${name}.md`,
  ),
];

/** The words that a table of the page forbids. @param heading the heading of the table's second column */
function listForbidden(heading: string): readonly string[] {
  const [, table = ''] = voice.split(`| say | ${heading} |\n| --- | --- |\n`);
  const rows = table.split('\n\n')[0]?.split('\n') ?? [];
  return rows.flatMap((row) => row.split('|')[2]?.split(',') ?? []).map((word) => word.trim());
}

function findWords(text: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => new RegExp(`\\b${word}s?\\b`, 'i').test(text));
}

/** The sentences in the code: the texts between quotation marks that contain a space. */
function listSentences(file: string): readonly string[] {
  return [
    ...withoutComments(file).matchAll(/'((?:[^'\\\n]|\\.)* (?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)* (?:[^`\\]|\\.)*)`/g),
  ].map(([, quoted, template]) => (quoted ?? template ?? '').replaceAll(/\$\{[^}]*\}/g, ''));
}

function findIn(files: readonly string[], words: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    listSentences(file).flatMap((sentence) =>
      findWords(sentence, words).map((word) => `${file}: ${word}: ${sentence}`),
    ),
  );
}

it('the pages contain no word that docs/voice.md forbids', () => {
  const words = listForbidden('never');
  expect(words).toEqual(expect.arrayContaining(['grant', 'budget', 'provider key', 'user']));
  const files = listCode('authorization-server/src/texts/en');
  expect(files.length).toBeGreaterThan(30);
  const isForDevelopers = (file: string) => forDevelopers.test(path.basename(file));
  const others = words.filter((word) => !oauthWords.includes(word));
  const forOwners = files.filter((file) => !isForDevelopers(file));
  expect(findIn(forOwners, words)).toEqual([]);
  expect(findIn(files.filter(isForDevelopers), others)).toEqual([]);
});

it('the German pages contain no word that docs/voice.md forbids', () => {
  const [, list = ''] = /German says "Sie", and never ([^.]+)\./.exec(voice) ?? [];
  const words = [...list.matchAll(/„([^“]+)“/g)].map(([, word = '']) => word);
  expect(words).toContain('Budget');
  expect(findIn(listCode('authorization-server/src/texts/de'), words)).toEqual([]);
});

it('errors, commands, settings and guides contain no word that docs/voice.md forbids there', () => {
  const words = listForbidden('never in an error, a command, a setting or a guide');
  expect(words).toEqual(['budget', 'quota', 'provider key']);
  const files = [
    ...listCode('resource-proxy/src/denials'),
    ...listCode('authorization-server/src/denials'),
    ...listCode('contracts/src/environment'),
    ...listSources('client'),
    ...listSources('launcher'),
    ...listSources('demo-app'),
    ...['authorization-server', 'resource-proxy'].map((name) => path.join(packages, name, 'src/environment.ts')),
    ...['authorization-server', 'resource-proxy'].map((name) => path.join(packages, name, 'src/list-warnings.ts')),
  ];
  expect(findIn(files, words)).toEqual([]);
  const found = guides.flatMap((file) => findWords(withoutCode(read(file)), words).map((word) => `${file}: ${word}`));
  expect(found).toEqual([]);
});

/** A guide without code and without the targets of links. */
function withoutCode(guide: string): string {
  return guide.replaceAll(/```[\s\S]*?```|`[^`]*`|\]\([^)]*\)/g, '');
}

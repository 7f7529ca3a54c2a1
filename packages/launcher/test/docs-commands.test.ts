import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';

const root = new URL('../../../../', import.meta.url);
const pages = globSync(
  [
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'examples/README.md',
    'docker-compose.yml',
    'deploy/**/*.{yml,yaml,sh}',
  ],
  { cwd: fileURLToPath(root) },
);

const environment = launcherEnvironment.read({ variables: {}, readFile: () => '' });
const program = createProgram({ environment, variables: {}, print: () => undefined, now: () => new Date() });

/** The commands in code spans and code blocks: for each, the words after `aipassport` in its line or span. */
function listCommands(page: string): readonly string[] {
  const text = readFileSync(new URL(page, root), 'utf8')
    .replaceAll('\\\n', ' ')
    .replaceAll(/(?<!`)`([^`\n]*)\n([^`\n]*)`(?!`)/g, '`$1 $2`') // a code span may be wrapped
    .replaceAll(/\[aipassport, ([^\]]+)\]/g, (_, words: string) => ` aipassport ${words.replaceAll(',', ' ')}\n`) // YAML
    .replaceAll('-U aipassport aipassport', ''); // the role and the database of pg_dump
  return [...text.matchAll(/(?<=[`\s])aipassport (?:-- )?((?:--)?[a-z][^`\n#;]*)/g)].map(([, words = '']) => words);
}

/** @returns undefined when the command and its options exist */
function findFault(words: readonly string[]): string | undefined {
  let command: Command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  if (command === program && !words[0]?.startsWith('--')) return `no command ${words[0]}`;
  if (command.commands.length > 0 && command !== program) return `${command.name()} needs one of its commands`;
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  const unknown = words
    .filter((word) => word.startsWith('--'))
    .find((word) => !['--help', '--version', ...known].includes(word));
  return unknown && `${command.name()} has no option ${unknown}`;
}

it('the commands and options that a page names exist', () => {
  const faults = pages.flatMap((page) =>
    listCommands(page).flatMap((line) => {
      const words = line.replaceAll(/[[\],]/g, ' ').split(/\s+/);
      const fault = findFault(words.filter((word) => word !== '' && word !== '--'));
      return fault === undefined ? [] : [`${page}: ${line}: ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
  expect(pages.flatMap(listCommands).length).toBeGreaterThan(40);
});

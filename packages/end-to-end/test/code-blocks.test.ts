import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const docs = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`);
const pages = ['README.md', 'examples/README.md', ...docs.filter((file) => file.endsWith('.md'))];
const shellBlocks = pages.flatMap(readBlocks).filter(({ language }) => language === 'sh');

/** A command at the beginning of a line, after variables that are set for it: a program and its first argument. */
const command = /^ *(?:[A-Z_]+=(?:'[^']*'|\S*) +)*(?:faketime '[^']*' )?([a-z][\w.-]* [\w-]+)/;
/** The end of a text after which a line may have a second command: `&&`, `|`, `;`, `$(` or `do`. */
const separator = /(?:&&|\||;|\$\(|\bdo)\s*$/;

interface Block {
  readonly page: string;
  readonly language: string;
  readonly lines: readonly string[];
}

function readBlocks(page: string): readonly Block[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/^( *)```([^\n`]*)\n(.*?)^\1```$/gms)].map(
    ([, indentation = '', language = '', body = '']) => ({
      page,
      language,
      lines: body.split('\n').map((line) => line.slice(indentation.length)),
    }),
  );
}

it('every fence of a code block is alone on its line and has a partner', () => {
  for (const page of pages) {
    const fences = readFileSync(path.join(root, page), 'utf8')
      .split('\n')
      .filter((line) => line.includes('```'));
    expect([page, fences.filter((line) => !/^ *```[\w ]*$/.test(line))]).toEqual([page, []]);
    expect([page, fences.length]).toEqual([page, readBlocks(page).length * 2]);
  }
});

it('a line of a shell block has a second command only after `&&`, `|`, `;`, `$(` or `do`, and one comment at most', () => {
  const beginnings = shellBlocks.flatMap(({ lines }) => lines.flatMap((line) => command.exec(line)?.[1] ?? []));
  // `aipassport` is also an argument, of `docker compose exec`
  const programs = new Set(beginnings.filter((beginning) => !beginning.startsWith('aipassport ')));
  expect(programs.size).toBeGreaterThan(10);
  const joined = shellBlocks.flatMap(({ page, lines }) =>
    lines
      .filter((line) => hasSecondCommand(line, programs) || line.split(/\s# /).length > 2)
      .map((line) => `${page}: ${line}`),
  );
  expect(joined).toEqual([]);
});

function hasSecondCommand(line: string, programs: ReadonlySet<string>): boolean {
  const [own = ''] = command.exec(line) ?? [];
  return [...programs].some((program) => {
    const at = line.indexOf(` ${program} `, own.length);
    return at >= 0 && !separator.test(line.slice(0, at + 1));
  });
}

it('every shell block is a program that a shell can parse', () => {
  for (const { page, lines } of shellBlocks) {
    const program = lines.join('\n').replaceAll(/<(\w+)>/g, '$1'); // a placeholder
    expect([page, spawnSync('bash', ['-n'], { input: program, encoding: 'utf8' }).stderr]).toEqual([page, '']);
  }
});

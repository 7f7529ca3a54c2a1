import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const module = new URL('../src/open-log-output.js', import.meta.url).href;
const lineCount = 2_000;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'log-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Logs many lines in a process of its own, and then ends as `ending` says. @returns its exit code */
async function logAndEnd(output: number, ending: string): Promise<number | null> {
  const program = `import { openLogOutput } from '${module}';
    const output = openLogOutput();
    for (let n = 0; n < ${lineCount}; n++) output.write(JSON.stringify({ n }) + '\\n');
    ${ending}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', output, 'ignore'],
  });
  await once(child, 'close');
  return child.exitCode;
}

it.each([
  ['ends', '', 0],
  ['exits', 'process.exit(3);', 3],
  ['crashes', 'throw new Error("boom");', 1],
])('has written every line when the process %s', async (name, ending, code) => {
  const file = path.join(directory, name);
  expect(await logAndEnd(openSync(file, 'w'), ending)).toBe(code);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
    Array.from({ length: lineCount }, (_, n) => n),
  );
});

(existsSync('/dev/full') ? it : it.skip)(
  'keeps running, and can still exit, when the disk of its output is full',
  async () => {
    expect(await logAndEnd(openSync('/dev/full', 'w'), 'setTimeout(() => process.exit(3), 300);')).toBe(3);
  },
);

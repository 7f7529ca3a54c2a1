import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const database = 'postgres://aipassport@postgres:5432/aipassport';

async function initKeys(directory: string, ...more: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const environment = launcherEnvironment.read({ variables: {}, readFile: () => '' });
  const program = createProgram({
    environment,
    variables: {},
    print: (line) => lines.push(line),
    now: () => new Date(),
  });
  const args = ['keys', 'init', '--directory', directory, '--database', database, ...more];
  await program.parseAsync(['node', 'aipassport', ...args]);
  return lines;
}

it('keys init names the files that it made and the files that it replaced', async () => {
  const directory = makeDirectory();
  const urls = ['authorization-server', 'resource-proxy'].map((name) => path.join(directory, name, 'database-url'));
  const verifiers = path.join(directory, 'database/roles.json');
  const first = await initKeys(directory);
  for (const file of [...urls, verifiers]) expect(first).toContain(`made ${file}`);
  expect(first.filter((line) => !line.startsWith('made '))).toEqual([]);
  expect(await initKeys(directory)).toEqual([`No key is missing in ${directory}.`]);

  expect(await initKeys(directory, '--one-role')).toEqual(urls.map((file) => `replaced ${file}`));
  const [url = ''] = urls;
  rmSync(url);
  expect(await initKeys(directory)).toEqual([`made ${url}`, `replaced ${urls[1]}`, `replaced ${verifiers}`]);
});

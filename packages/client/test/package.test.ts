import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const packageFolder = join(import.meta.dirname, '..', '..');
const program = `
import { AiClient } from '@aipassport/client';
import { BrowserClient } from '@aipassport/client/browser';
import * as terminal from '@aipassport/client/terminal';
console.log(typeof AiClient, typeof BrowserClient, typeof terminal);
`;

let project: string;
let installed: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'client-package-'));
  installed = join(project, 'node_modules', '@aipassport', 'client');
  await mkdir(installed, { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: packageFolder });
  const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1']);
  await symlink(join(packageFolder, 'node_modules', 'oauth4webapi'), join(project, 'node_modules', 'oauth4webapi'));
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(project, 'app.ts'), program);
}, 60_000);
afterAll(() => rm(project, { recursive: true, force: true }));

it('the package contains its compiled sources, without tests and build state', async () => {
  expect((await readdir(installed)).sort()).toEqual(['README.md', 'dist', 'package.json']);
  expect(await readdir(join(installed, 'dist'))).toEqual(['src']);
});

it('the packed package type-checks and runs in an empty project', async () => {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom,dom.iterable'];
  await run(process.execPath, [compiler, ...options, '--types', '', 'app.ts'], { cwd: project });
  const { stdout } = await run(process.execPath, ['app.js'], { cwd: project });
  expect(stdout.trim()).toBe('function function object');
}, 60_000);

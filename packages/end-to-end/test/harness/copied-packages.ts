import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/** The folder with a copy of the packages, which the tests of one file change and compile. */
export const copy = mkdtempSync(path.join(tmpdir(), 'aipassport-copy-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Inserts `text` before each occurrence of `before`, which must occur exactly `times` times. */
export function insert(file: string, text: string, before: string, times = 1): void {
  const target = path.join(copy, file);
  const parts = readFileSync(target, 'utf8').split(before);
  if (parts.length !== times + 1) throw new Error(`${file}: ${before} occurs ${parts.length - 1} times`);
  writeFileSync(target, parts.join(`${text}${before}`));
}

/** Runs a program of the checkout in the copy. */
export function run(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, program), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Compiles these packages. @returns the files with errors */
export function compile(...packages: readonly string[]): readonly string[] {
  const folders = packages.map((name) => `packages/${name}`);
  const { status, output } = run('node_modules/typescript/bin/tsc', '-b', ...folders);
  const files = [...output.matchAll(/^packages\/(\S+?)\(\d+,\d+\): error /gm)].flatMap(([, file]) => file ?? []);
  if (status !== 0 && files.length === 0) throw new Error(output);
  return [...new Set(files)].sort();
}

/** Evaluates an expression in which `m` is a compiled module of the copy. */
export function evaluate(module: string, expression: string): unknown {
  const url = JSON.stringify(new URL(`file://${path.join(copy, 'packages', module)}`).href);
  const script = `const m = await import(${url}); console.log(JSON.stringify(${expression}))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

interface JestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

/**
 * Runs a compiled test file of the copy, such as `store/test/limits.test.ts`.
 * @param only a pattern for the names of the tests that are run
 * @returns the titles of the tests that fail
 */
export function listFailures(file: string, only = ''): readonly string[] {
  const [name = '', test = ''] = file.split('/test/');
  const testMatch = [`<rootDir>/dist/test/${test.replace(/\.ts$/, '.js')}`];
  const config = JSON.stringify({ testEnvironment: 'node', transform: {}, testMatch });
  const jest = [path.join(root, 'node_modules/jest/bin/jest.js'), '--rootDir', path.join(copy, 'packages', name)];
  const options = ['--config', config, '--json', '--forceExit', '--testNamePattern', only];
  // The template is a database of the checkout. The copy makes one with its own migrations and functions.
  const { TEST_DATABASE_TEMPLATE: _ofTheCheckout, ...env } = process.env;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', ...jest, ...options],
    { cwd: copy, encoding: 'utf8', env, maxBuffer: 2 ** 26 },
  );
  if (stdout === '') throw new Error(stderr);
  const { testResults } = JSON.parse(stdout) as JestReport;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.length === 0 && !results.some(({ status }) => status === 'passed')) throw new Error(stderr);
  return failed.map(({ title }) => title);
}

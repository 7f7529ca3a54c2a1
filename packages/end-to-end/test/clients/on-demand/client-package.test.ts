import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { runProgram } from '../support/run-program.js';

const installed = findInstalled('npm/aipassport-client');
const directory = 'directory' in installed ? installed.directory : '';
const itIfInstalled = 'directory' in installed ? it : it.skip;
const titleNote = 'missing' in installed ? ` (skipped: ${installed.missing})` : '';

const program = `
import { AiClient, type Connection } from '@aipassport/client';
import { BrowserClient } from '@aipassport/client/browser';
import * as terminal from '@aipassport/client/terminal';

const issuer = 'http://localhost:4000';
const resourceProxyUrl = 'http://localhost:4100';
const client = new AiClient({ issuer, resourceProxyUrl, clientId: 'an-app', redirectUri: 'http://localhost:3000/' });
const ask = (connection: Connection): Promise<Response> => connection.fetch(resourceProxyUrl);
console.log(typeof client.begin, typeof ask, typeof BrowserClient, typeof terminal);
`;

const compilerOptions = {
  strict: true,
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  types: [],
};

let project: string;
beforeAll(async () => {
  if (directory === '') return;
  project = await mkdtemp(path.join(directory, 'app-'));
  await writeFile(path.join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
});
afterAll(async () => {
  if (directory !== '') await rm(project, { recursive: true, force: true });
});

itIfInstalled(
  `npm installs the packed library with its one dependency, and a project imports it with its types${titleNote}`,
  async () => {
    const modules = path.join(directory, 'node_modules');
    expect((await readdir(path.join(modules, '@aipassport/client'))).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
    ]);
    const others = (await readdir(modules)).filter((name) => !/^\.|typescript/.test(name));
    expect(others.sort()).toEqual(['@aipassport', 'oauth4webapi']);
    const run = (args: readonly string[]) =>
      runProgram({ command: [process.execPath, ...args], directory: project, environment: {} });
    const compile = () => run([path.join(modules, 'typescript/bin/tsc'), '--project', '.']);
    await writeFile(path.join(project, 'app.ts'), program);
    await compile();
    expect((await run(['app.js'])).trim()).toBe('function function function object');
    await writeFile(path.join(project, 'app.ts'), program.replace("clientId: 'an-app'", 'clientId: 1'));
    await expect(compile()).rejects.toThrow("'number'");
  },
  onDemandTestMilliseconds,
);

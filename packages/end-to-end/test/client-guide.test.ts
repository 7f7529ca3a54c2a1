import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createOwner } from './harness/connect.js';
import { type GuideProgram, isTried, readGuideBlocks, readGuidePackages, readGuideProgram } from './harness/guide.js';
import { GuideRun } from './harness/guide-run.js';
import { findPorts, LaunchedStart, makeDataDirectory, removeDataDirectory } from './harness/launched-start.js';
import type { Owner } from './harness/owner.js';

/** The Python that runs the guide’s program, if it has the packages that the guide tells its readers to install. */
const python = process.env['GUIDE_PYTHON'] ?? 'python3';
const pythonNeeds = 'authlib requests openai anthropic google.genai';
const findModules = `import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, '${pythonNeeds}'.split())))`;
const canRunPython = spawnSync(python, ['-c', findModules]).status === 0;
const hasPython = spawnSync(python, ['--version']).status === 0;
const missingTools = ['bash', 'curl', 'openssl', 'jq'].filter((tool) => spawnSync('which', [tool]).status !== 0);

/** A folder within this package, so that the programs find the installed packages. */
const parent = fileURLToPath(new URL('..', import.meta.url));
const dataDirectory = makeDataDirectory();
let directory: string;
let start: LaunchedStart;
let owner: Owner;
let running: GuideRun | undefined;

beforeAll(async () => {
  directory = mkdtempSync(path.join(parent, 'client-guide-'));
  start = await LaunchedStart.begin(dataDirectory, await findPorts());
  owner = await createOwner(start);
});

afterEach(() => running?.kill());

afterAll(async () => {
  await start?.interrupt();
  removeDataDirectory(dataDirectory);
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a program of the guide, unchanged, with the servers of `npm start`. */
function begin(name: GuideProgram, file: string, command: readonly string[]): GuideRun {
  const program = path.join(directory, file);
  writeFileSync(program, readGuideProgram(name));
  running = new GuideRun([...command, program], {
    ISSUER: start.issuer,
    RESOURCE_PROXY_URL: start.resourceProxyUrl,
  });
  return running;
}

/** The start of the answers of the launcher's simulated AI provider. */
const answer = 'This is a simulated answer';
const countAnswers = (output: string) => output.split(answer).length - 1;

it('every code block of the guide is part of a program, installs packages, or names no language', () => {
  expect(readGuideBlocks().length).toBeGreaterThan(20);
  expect(readGuideBlocks().filter((block) => !isTried(block))).toEqual([]);
});

it('the guide installs exactly the packages that its programs import', () => {
  const imported = (name: GuideProgram, pattern: RegExp) =>
    [...readGuideProgram(name).matchAll(pattern)]
      .map(([, module = '']) => module)
      .filter((each) => !each.startsWith('node:'));
  for (const name of ['JavaScript', 'Terminals'] as const)
    expect([...readGuidePackages(name)].sort()).toEqual(imported(name, /^import .* from '([^']+)';$/gm).sort());
  const modules = imported('Python', /^(?:from|import) (\w+)/gm).map((module) =>
    module === 'google' ? 'google-genai' : module,
  );
  expect([...readGuidePackages('Python')].sort()).toEqual(
    [...new Set(modules)].filter((module) => !['json', 'os', 'http'].includes(module)).sort(),
  );
});

it('the guide’s JavaScript runs unchanged, from the registration to the revocation, with OpenAI, Anthropic and Google', async () => {
  const run = begin('JavaScript', 'guide.mjs', [process.execPath]);
  await fetch(await owner.allow(await run.readAuthorizationUrl()));
  const output = await run.finish();
  expect(output).toMatch(/^Granted: model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2\.5-flash cap:chat \[/m);
  expect(output).toContain("max_cost_usd: '1'");
  expect(countAnswers(output)).toBe(4);
  expect(output).toMatch(/used: \{\s*requests: 3,/);
  expect(output).toMatch(/^Allowed: gpt-4o-mini$/m);
  expect(output).toContain(`With a proof: ${answer}`);
  expect(output).toMatch(/^Refused: 403 insufficient_scope$/m);
  expect(output).toMatch(/^Left: \{[^}]*max_requests: 9\d/m);
  expect(output).toMatch(/^Given back\.$/m);
  await expectNothingGranted('My command line');
});

it('the guide’s program for terminals runs unchanged, from the registration to the revocation', async () => {
  const run = begin('Terminals', 'terminal.mjs', [process.execPath]);
  const { page } = await owner.open(await run.readAuthorizationUrl());
  const consent = await owner.press(page, 'Continue');
  await owner.press(consent.page, 'Allow');
  const output = await run.finish();
  const [, userCode = 'none'] = /^The page must show the code (\S+)\.$/m.exec(output) ?? [];
  expect(consent.page.text).toContain(userCode);
  expect(output).toMatch(/^Granted: model:gpt-4o-mini cap:chat$/m);
  expect(countAnswers(output)).toBe(1);
  expect(output).toMatch(/^Given back\.$/m);
  await expectNothingGranted('My terminal');
});

(hasPython ? it : it.skip)(
  `the guide’s Python has no syntax error${hasPython ? '' : ' (skipped: there is no python3 here)'}`,
  () => {
    const parse = 'import ast, sys; ast.parse(sys.stdin.read())';
    const { status, stderr } = spawnSync(python, ['-c', parse], {
      input: readGuideProgram('Python'),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  },
);

(canRunPython ? it : it.skip)(
  `the guide’s Python runs unchanged${canRunPython ? '' : ' (skipped: the packages that it imports are not installed; set GUIDE_PYTHON to a Python that has them)'}`,
  async () => {
    const run = begin('Python', 'guide.py', [python]);
    await fetch(await owner.allow(await run.readAuthorizationUrl()));
    const output = await run.finish();
    expect(output).toMatch(/^Granted: model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2\.5-flash cap:chat \[/m);
    expect(countAnswers(output)).toBe(3);
    expect(output).toMatch(/'used': \{'requests': 3,/);
    expect(output).toMatch(/^Renewed for \d+ seconds\.$/m);
    expect(output).toMatch(/^Given back\.$/m);
    await expectNothingGranted('My command line');
  },
);

(missingTools.length === 0 ? it : it.skip)(
  `the guide’s shell commands run unchanged${missingTools.length === 0 ? '' : ` (skipped: there is no ${missingTools.join(', ')} here)`}`,
  async () => {
    // With these options a failing command ends the program. A reader at a terminal would see that the command failed.
    const run = begin('curl', 'guide.sh', ['bash', '-eu', '-o', 'pipefail']);
    const url = await run.readAuthorizationUrl();
    const callback = await owner.allow(url);
    run.type(callback.searchParams.get('code') ?? '');
    const output = await run.finish();
    expect(output).toContain(`expect state=${callback.searchParams.get('state')}:`);
    expect(output).toContain('"scope": "model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat"');
    // the first answer is a stream
    expect(output).toContain('data: [DONE]');
    expect(countAnswers(output)).toBe(2);
    expect(output).toMatch(/"used": \{\s*"requests": 3,/);
    expect(output).toMatch(/"error": ?"invalid_token"/);
    await expectNothingGranted('My shell');
  },
);

/** Expects that the owner’s page of apps names the app, but not as one that is connected. */
async function expectNothingGranted(clientName: string): Promise<void> {
  const { page } = await owner.open('/account/apps');
  expect(page.text).toContain(clientName);
  expect(page.document.querySelectorAll('main > .apps > li')).toHaveLength(0);
}

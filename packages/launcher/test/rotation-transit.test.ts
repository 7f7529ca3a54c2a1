import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseSealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import { TransitStub } from '@aipassport/resource-proxy/testing';
import { insertAccount, upsertProviderKey } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { type KeyFiles, locateKeyFiles } from '../src/keys/key-files.js';
import { makeKeyFiles } from '../src/keys/make-key-files.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const place = 'teams/ai/transit/aipassport';
const makeDirectory = useTemporaryDirectories();
const now = new Date('2026-11-22T12:00:00Z');
let database: TestDatabase;
let data: string;
let files: KeyFiles;
let stub: TransitStub;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => database.close());
beforeEach(async () => {
  data = makeDirectory();
  files = locateKeyFiles(path.join(data, 'keys'));
  await database.db.deleteFrom('provider_keys').execute();
  await database.db.deleteFrom('retired_sealing_keys').execute();
  await makeKeyFiles(files, now);
  stub = await TransitStub.start();
  stub.makeKey(place);
});
afterEach(() => stub.stop());

/** Runs one command line on these keys and this transit engine, in this process. */
async function run(args: readonly string[], changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const tokenFile = path.join(data, 'token');
  writeFileSync(tokenFile, stub.token);
  const settings = { SEALING_TRANSIT_URL: stub.url, SEALING_TRANSIT_TOKEN_FILE: tokenFile };
  const variables = { DATABASE_URL: database.url, AIPASSPORT_DATA: data, ...settings, ...changes };
  const environment = launcherEnvironment.read({ variables, readFile: (file) => readFileSync(file, 'utf8') });
  const lines: string[] = [];
  const program = createProgram({ environment, variables, print: (line) => lines.push(line), now: () => now });
  await program.parseAsync(['node', 'aipassport', ...args]).catch((error: unknown) => {
    // `doctor` fails here, because the database of the tests runs without fsync
    if (args[0] !== 'doctor') throw error;
  });
  return lines.join('\n');
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const publicKey = () => parseSealingKey(readJson(files.authorizationServer.sealingPublicKey));
const held = () => {
  const read = readJson(files.resourceProxy.sealingPrivateKey) as JWK & { readonly keys?: readonly JWK[] };
  return read.keys ?? [read];
};
const readFiles = () =>
  [files.authorizationServer.sealingPublicKey, files.resourceProxy.sealingPrivateKey].map((file) =>
    readFileSync(file, 'utf8'),
  );
const storedIn = async () => {
  const rows = await database.db.selectFrom('provider_keys').select('sealing_key_id').execute();
  return [...new Set(rows.map(({ sealing_key_id: id }) => id))];
};

let owners = 0;
/** Stores a provider key as the authorization server does. */
async function addKey(): Promise<void> {
  const account = await insertAccount(database.db, { email: `${++owners}@example.org`, passwordHash: '' });
  const accountId = account?.id ?? '';
  const binding = { upstream: 'openai', host: 'api.openai.com', version: 1 } as const;
  const jwe = await sealProviderKey(publicKey(), { account: accountId, ...binding }, Buffer.from('sk-proj-0123456789'));
  await upsertProviderKey(database.db, {
    ...binding,
    accountId,
    sealingKeyId: publicKey().kid,
    jwe,
    lastFour: '6789',
  });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('K6: a rotation moves the sealing key from its file into the transit engine, from one version to the next, and back', async () => {
  await addKey();
  await addKey();
  const output = await run(['rotate-sealing-key', '--to', place]);
  expect(output).toContain('Resealed: 2 API keys.');
  expect(output).toContain('The rotation is complete.');
  const first = publicKey();
  expect(first).toEqual({ kty: 'RSA', ...stub.publicJwk(place), kid: expect.stringMatching(/^px-2026-11-[\w-]{16}$/) });
  expect(held()).toEqual([
    {
      ...first,
      alg: 'RSA-OAEP-256',
      use: 'enc',
      transit: { mount: 'teams/ai/transit', key: 'aipassport', version: 1 },
    },
  ]);
  expect(await storedIn()).toEqual([first.kid]);

  await addKey();
  expect(await run(['rotate-sealing-key'])).toContain('Resealed: 3 API keys.');
  expect(held()).toMatchObject([{ ...stub.publicJwk(place, 2), transit: { version: 2 } }]);
  expect(await run(['rotate-sealing-key', '--to', 'file'])).toContain('Resealed: 3 API keys.');
  expect(held()).toMatchObject([{ kty: 'OKP', d: expect.any(String) }]);
  // version 2 was retired, so nothing can be sealed to it any more
  expect(await run(['rotate-sealing-key', '--to', place])).toContain('Resealed: 3 API keys.');
  expect(held()).toMatchObject([{ transit: { version: 3 } }]);
  expect(await storedIn()).toEqual([publicKey().kid]);
});

it('an interrupted rotation continues with the key version that it made before, and refuses another destination', async () => {
  await addKey();
  await run(['rotate-sealing-key', '--one-step', '--to', place]);
  expect(held()).toHaveLength(2);
  await expect(run(['rotate-sealing-key', '--to', 'file'])).rejects.toThrow(`has a rotation to ${place} that is not`);
  expect(held()).toHaveLength(2);
  expect(await run(['rotate-sealing-key'])).toContain('The rotation is complete.');
  expect(held()).toMatchObject([{ transit: { version: 1 } }]);
});

it('K6: while the engine cannot be reached, a rotation changes nothing, even with --drop-anyway', async () => {
  await addKey();
  await run(['rotate-sealing-key', '--to', place]);
  await run(['rotate-sealing-key', '--one-step']);
  await run(['rotate-sealing-key', '--one-step']);
  const before = [readFiles(), await database.db.selectFrom('provider_keys').selectAll().execute()];
  await stub.stop();
  for (const flags of [[], ['--drop-anyway']])
    await expect(run(['rotate-sealing-key', ...flags])).rejects.toThrow('it cannot be reached (ECONNREFUSED)');
  stub = await TransitStub.start();
  await expect(
    run(['rotate-sealing-key', '--drop-anyway'], { SEALING_TRANSIT_URL: '', SEALING_TRANSIT_TOKEN_FILE: '' }),
  ).rejects.toThrow('SEALING_TRANSIT_URL: is missing');
  expect([readFiles(), await database.db.selectFrom('provider_keys').selectAll().execute()]).toEqual(before);
});

it('K6: a key that can leave the engine, that is too short, that the engine does not have, or that the token may not use is refused', async () => {
  await addKey();
  const before = readFiles();
  stub.makeKey('transit/exportable', { exportable: true });
  stub.makeKey('transit/short', { modulusLength: 2048 });
  const refused = async (to: string, text: string) =>
    await expect(run(['rotate-sealing-key', '--to', to])).rejects.toThrow(text);
  await refused('transit/exportable', 'transit/exportable can be exported from the transit engine');
  await refused('transit/short', 'must hold a private X25519 JWK or the RSA JWK');
  await refused('transit/missing', 'it answers with status 404');
  await refused('aipassport', 'aipassport is neither `file` nor <mount>/<key>');
  await refused('transit/../sys', 'is neither `file` nor <mount>/<key>');
  stub.behaviour = (_request, response) => void response.writeHead(403).end('{"errors":["permission denied"]}');
  await refused(place, 'it refuses the token (status 403)');
  expect(readFiles()).toEqual(before);
});

it('`keys list` and `doctor` show where the sealing key is, and `doctor` whether it unseals what is sealed to it', async () => {
  const [fileKey] = held();
  expect(await run(['doctor'])).toContain(
    `ok      sealing key ${fileKey?.kid} (in its file): unseals what is sealed to it`,
  );
  await addKey();
  await run(['rotate-sealing-key', '--to', place]);
  const { kid } = publicKey();
  expect(await run(['keys', 'list'])).toContain(
    `${kid}: opens API keys; its private half is in a transit engine: ${place}, version 1`,
  );
  const name = `sealing key ${kid} (${place}, version 1)`;
  expect(await run(['doctor'])).toContain(`ok      ${name}: unseals what is sealed to it`);
  stub.makeKey(place);
  expect(await run(['doctor'])).toContain(`NOT OK  ${name}: the transit engine does not decrypt it`);
  stub.archive(place, 2);
  expect(await run(['doctor'])).toContain(
    `NOT OK  ${name}: the transit engine of the sealing key: it answers with status 400`,
  );
  expect(await run(['doctor'], { SEALING_TRANSIT_URL: '' })).toContain(
    `NOT OK  ${name}: configuration: SEALING_TRANSIT_URL: is missing`,
  );
});

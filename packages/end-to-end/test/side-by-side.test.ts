import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Postgres, startPostgres } from '@aipassport/launcher';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { answerSoon, streamTokens } from './faults/support/billing-upstream.js';
import { readChatNumber } from './faults/support/numbered-chat.js';
import { smallChat } from './harness/chat.js';
import { MixedLoad } from './harness/mixed-load.js';
import { MixedReleases, type Release, releases, type Servers } from './harness/mixed-releases.js';
import { logLinePrefix, PostgresErrors } from './harness/postgres-errors.js';
import { hasHistory, preparePreviousRelease } from './harness/previous-release.js';
import { makeProviderKey, readSentKey } from './harness/vendor-calls.js';

/** The time to install and compile the previous release on a busy machine. */
const preparationMilliseconds = 600_000;
const upgradeMilliseconds = 300_000;
/** Requests with this or a higher number are answered by streams that are longer than a test. */
const firstLongNumber = 15_000;

const errors = new PostgresErrors();
const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-side-by-side-'));
let postgres: Postgres | undefined;
let previousDirectory = '';

if (!hasHistory)
  console.info(
    'The previous release is not tested: it is built from the git history, and this directory is not a clone.',
  );
const upgrade = hasHistory ? it : it.skip;

beforeAll(async () => {
  if (!hasHistory) return;
  previousDirectory = preparePreviousRelease();
  const settings = { log_line_prefix: logLinePrefix };
  postgres = await startPostgres({ directory, durable: false, maxConnections: 200, settings, log: errors.note });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  // each release has its own role, so that the log says which release sent a failed statement
  for (const release of releases) await client.query(`create role ${release} superuser login password '${release}'`);
  await client.end();
}, preparationMilliseconds);
afterAll(async () => {
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function openMixed(first: Release): Promise<MixedReleases> {
  const mixed = await MixedReleases.open({ postgresUrl: postgres?.url ?? '', previousDirectory });
  await mixed.command(first, 'keys', 'init', '--directory', mixed.keysDirectory);
  mixed.upstream.mode = (call, response) => {
    const shape = { chunks: 2_000, everyMilliseconds: 20 };
    if (call.bill.number >= firstLongNumber) streamTokens(shape)(call, response);
    else answerSoon({ afterMilliseconds: 5 })(call, response);
  };
  return mixed;
}

/**
 * Uses in each of two releases what the other one has made: sessions, forms, codes, tokens, provider keys, revocations
 * and idempotency keys.
 */
async function exchange(load: MixedLoad, mixed: MixedReleases, [one, other]: readonly [Servers, Servers]) {
  const visitor = await load.createVisitor(() => one);
  const { owner, client } = visitor;
  const key = makeProviderKey('openai');
  await owner.addKey('openai', key);

  const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
  const consent = await owner.openConsent(authorization.url);
  visitor.through = () => other; // `one` made the session, the form and the interaction
  const sent = await owner.press(consent, 'Allow');
  // The releases do not know all fields of each other's form. Each shows its own page with the choices, once.
  const isShownAgain = sent.leftTo === undefined;
  const { leftTo, page } = isShownAgain ? await owner.press(sent.page, 'Allow') : sent;
  if (leftTo === undefined) throw new Error(`the ${other.release} release does not take the form: ${page.text}`);
  visitor.through = () => one; // `other` made the code
  const access = load.note(await client.finishAuthorization(authorization, leftTo));

  await load.chat(access, other, { number: 0 });
  const hit = mixed.upstream.recorder.hits.find(({ body }) => readChatNumber(body).grant === access.grant);
  expect(readSentKey(hit?.headers ?? {})).toBe(key);
  await load.chat(access, one, { number: 1, isStream: true });
  visitor.through = () => other; // `one` made the refresh token
  access.accessToken = (await client.refresh(access.refreshToken)).access_token;
  await load.chat(access, one, { number: 2 });

  const repeat = async ({ resourceProxy }: Servers) => {
    const headers = { 'idempotency-key': 'once', authorization: `Bearer ${access.accessToken}` };
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
    return fetch(`${resourceProxy.url}/openai/v1/chat/completions`, { ...init, body: JSON.stringify(smallChat) });
  };
  expect([(await repeat(one)).status, (await repeat(other)).status]).toEqual([200, 409]);

  const streams = [one, other].map((servers, index) => load.openStream(access, servers, firstLongNumber + index));
  await Promise.all(streams.map(({ begun }) => begun));
  await load.revoke(visitor, access, true);
  for (const { ended } of streams) expect((await ended).text).not.toContain('[DONE]');
  for (const servers of [one, other]) await load.requireRefused(access, servers, 3);
}

/** Changes a deployment from the first release to the second one and back, under load. */
async function upgradeAndGoBack(load: MixedLoad, mixed: MixedReleases, [first, second]: readonly [Release, Release]) {
  await mixed.command(first, 'init');
  const before = await mixed.start(first);
  // `docker compose up` and `npm start` do this too: the new release may need keys that the old one does not know
  await load.during(() => mixed.command(second, 'keys', 'init', '--directory', mixed.keysDirectory));
  await load.during(() => mixed.command(second, 'init'));
  const after = await load.during(() => mixed.start(second));
  await load.during(async () => {
    await exchange(load, mixed, [before, after]);
    await exchange(load, mixed, [after, before]);
  });
  await load.during(() => mixed.stop(before), before);
  const again = await load.during(() => mixed.start(first));
  await load.during(() => mixed.command(first, 'init'));
  await load.during(() => mixed.command(second, 'init'));
  await load.during(() => mixed.stop(after), after);
  await load.during(() => mixed.command(first, 'init'));
  await exchange(load, mixed, [again, again]);
}

upgrade.each<[Release, Release]>([
  ['previous', 'current'],
  ['current', 'previous'],
])(
  'under load, a deployment changes from the %s release to the %s release and back, and both work on one database meanwhile',
  async (first, second) => {
    const mixed = await openMixed(first);
    const load = new MixedLoad(mixed);
    try {
      // the failures of the load, and the error that ended the upgrade
      const end = await upgradeAndGoBack(load, mixed, [first, second]).then(
        () => load.close(),
        (error: unknown) => [...load.failures, String(error)],
      );
      expect([...errors.take(), ...end, ...mixed.listLoggedErrors()]).toEqual([]);
      for (const release of releases) expect(await mixed.command(release, 'verify-ledger')).toMatch(/agrees/);
      expect(load.seen.length).toBeGreaterThan(200);
    } finally {
      await mixed.close();
    }
  },
  upgradeMilliseconds,
);

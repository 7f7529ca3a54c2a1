import { randomUUID } from 'node:crypto';
import { setOperator } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, type Page } from './support/browser.js';
import { addClient, buildRequest, connect, redeem, refresh, revoke } from './support/client.js';
import type { FormFields } from './support/http.js';
import { type MailServer, sendTo, startMailServer } from './support/mail-server.js';
import { clientPath, registerClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let mailServer: MailServer;
let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  mailServer = await startMailServer();
  const configuration = { ...sendTo(mailServer), operatorKeysFor: ['openai'] } as const;
  server = await startTestServer({ database, configuration });
  await database.query(`
    create function refuse_event() returns trigger language plpgsql as $$
      begin raise exception 'no event of this test can be recorded'; end $$`);
});
afterAll(async () => {
  await server.close();
  await mailServer.close();
  await database.close();
});
beforeEach(async () => {
  owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
});

/** These rows change with any request, or by themselves: attempts, forms, sessions, uses, mails, seals, upkeep. */
const unwatched = [
  'account_tokens',
  'artifacts',
  'attempts',
  'audit_chain',
  'audit_heads',
  'audit_seals',
  'client_uses',
  'mails',
  'maintenance',
  'notice_checks',
  'owner_sessions',
  'replica_settings',
  'replicas',
  'sign_in_challenges',
];

/** A hash of the rows of each watched table. */
async function readTables(): Promise<Readonly<Record<string, string | null>>> {
  const tables = await database.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname <> all ($1)`,
    [unwatched],
  );
  const hashes: Record<string, string | null> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ hash: string | null }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as hash from ${name} t`,
    );
    hashes[name] = row?.hash ?? null;
  }
  return hashes;
}

async function withoutEvents<T>(act: () => Promise<T>): Promise<T> {
  await database.query(
    'create trigger refuse_event before insert on audit_events for each row execute function refuse_event()',
  );
  try {
    return await act();
  } finally {
    await database.query('drop trigger refuse_event on audit_events');
  }
}

/** Prepares an act. @returns the act itself, which resolves with its answer */
type Prepare = () => Promise<() => Promise<{ readonly status: number }>>;

/** The form at `action` of the page at `path`. */
function form(path: string, action: string, fields: FormFields = {}): Prepare {
  return async () => {
    const page = await owner.browser.open(path);
    return submit(page, action, fields);
  };
}

const submit = (page: Page, action: string, fields: FormFields) => () =>
  owner.browser.submit(page, action, fields, { follow: false });

function change(act: string, prepare: () => Promise<string>): Prepare {
  return async () => {
    const page = await owner.browser.open(`/operator/change?${new URLSearchParams({ act, subject: await prepare() })}`);
    return submit(page, '/operator/change', {});
  };
}

const ofClient =
  (part: string, fields: FormFields = {}): Prepare =>
  async () => {
    const path = clientPath(await registerClient(owner.browser));
    return submit(await owner.browser.open(part === '/edit' ? `${path}/edit` : path), `${path}${part}`, fields);
  };

const ofGrant =
  (part: string, fields: FormFields = {}): Prepare =>
  async () => {
    await connect(server, owner.browser, await addClient(server), {}, { max_cost_usd: '2' });
    const path = `/account/grants/${(await getLastGrant(server, owner)).id}`;
    return submit(await owner.browser.open(part === '/limits' ? `${path}${part}` : path), `${path}${part}`, fields);
  };

async function prepareConsent(decision: 'allow' | 'deny') {
  const page = await owner.browser.open((await buildRequest(server, await addClient(server))).url);
  return submit(page, `${page.url.pathname}/consent`, { decision });
}

const addKey = form('/account/keys', '/account/keys', {
  upstream: 'openai',
  key: 'sk-proj-of-this-test-0123456789-abcd',
});

const acts: Readonly<Record<string, Prepare>> = {
  'a new account': async () => {
    const browser = new Browser(server.issuer);
    const page = await browser.open('/account/create');
    const fields = { email: `${randomUUID()}@example.com`, password };
    return () => browser.submit(page, '/account/create', fields, { follow: false });
  },
  'a consent': () => prepareConsent('allow'),
  'a denial': () => prepareConsent('deny'),
  'a code that is redeemed': async () => {
    const client = await addClient(server);
    const request = await buildRequest(server, client);
    const page = await owner.browser.open(request.url);
    const back = await owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
    const code = back.url.searchParams.get('code') ?? '';
    return () => redeem(server, client, { code, codeVerifier: request.codeVerifier });
  },
  'a token that is refreshed': async () => {
    const client = await addClient(server);
    const tokens = await connect(server, owner.browser, client);
    return () => refresh(server, client, tokens.refresh_token);
  },
  'a token that is revoked': async () => {
    const client = await addClient(server);
    const tokens = await connect(server, owner.browser, client);
    return () => revoke(server, client, tokens.refresh_token);
  },
  'access that is removed': ofGrant('/revoke'),
  'limits that are changed': ofGrant('/limits', { max_cost_usd: '1' }),
  'an API key that is added': addKey,
  'an API key that is deleted': async () => {
    await (await addKey())();
    return form('/account/keys', '/account/keys/openai/delete', { asked: 'yes' })();
  },
  'the overall limit': form('/account/settings', '/account/settings/limit', { max_cost_usd_per_month: '3' }),
  'the defaults': form('/account/settings', '/account/settings/defaults', { max_cost_usd: '3', lifetime_seconds: '' }),
  'the time zone': form('/account/settings', '/account/settings/time-zone', { time_zone: 'Asia/Kolkata' }),
  'the notices': form('/account/email', '/account/email/notices', { notices: [] }),
  'recovery codes': form('/account/recovery-codes', '/account/recovery-codes', { asked: 'yes' }),
  'an API token': form('/account/tokens', '/account/tokens', {
    name: 'Script',
    lifetime_days: '7',
    permissions: ['manage'],
  }),
  'a client': form('/account/developer/clients/new', '/account/developer/clients/new', {
    name: 'My App',
    site: '',
    redirect_uris: 'https://app.example/callback',
    type: 'web',
  }),
  'a client that is changed': ofClient('/edit', { name: 'Other', redirect_uris: 'https://app.example/callback' }),
  'a client’s secret': ofClient('/secret', { overlap: '0' }),
  'the download of an account': form('/account/export', '/account/export'),
  'a deleted account': () => form('/account/deletion', '/account/deletion', { email: owner.email })(),
  'the operator’s caps': form('/operator/keys', '/operator/keys/caps', {
    cap_of_all_usd: '9',
    cap_of_account_usd: '3',
  }),
  'the operator’s cap of an account': async () => {
    const path = `/operator/accounts/${(await createOwner(server)).accountId}`;
    return form(path, `${path}/cap`, { cap_usd: '3' })();
  },
  'an account that is disabled': change('disable_account', async () => (await createOwner(server)).accountId),
  'the right to invite': change('let_invite', async () => (await createOwner(server)).accountId),
  'an app that is blocked': change('block_client', async () => (await addClient(server)).id),
  'an app that is approved': change('approve_client', async () => (await registerClient(owner.browser)).id),
};

it.each(Object.keys(acts))('G2: %s: nothing changes if the audit log cannot be written', async (name) => {
  const act = await acts[name]?.();
  if (act === undefined) throw new Error('there is no such act');
  const before = await readTables();
  const answer = await withoutEvents(act);
  expect([answer.status, await readTables()]).toEqual([500, before]);
  expect((await act()).status).toBeLessThan(400);
  expect(await readTables()).not.toEqual(before);
});

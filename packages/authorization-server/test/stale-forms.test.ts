import { randomUUID } from 'node:crypto';
import { insertIdentity, setAccountOperatorCap, setOperator, setOperatorCaps } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm } from './support/browser.js';
import { addClient, buildRequest, connect, type TestClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { type MailServer, sendTo, startMailServer } from './support/mail-server.js';
import { clientPath, registerClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { type ShownForm, shownBy } from './support/shown-forms.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';
import { addTerminal, beginDevice, openConsent } from './support/terminal.js';

let database: TestDatabase;
let mailServer: MailServer;
let idp: TestIdentityProvider;
let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  mailServer = await startMailServer();
  idp = await startIdentityProvider('elsewhere');
  const port = await findFreePort();
  server = await startTestServer({
    database,
    configuration: {
      ...sendTo(mailServer),
      port,
      issuer: `http://localhost:${port}`, // a name, because browsers bind passkeys to domain names only
      identityProviders: [idp.entry],
      operatorKeysFor: ['openai'],
    },
  });
});
afterAll(async () => {
  await server.close();
  await idp.close();
  await mailServer.close();
  await database.close();
});
beforeEach(async () => {
  owner = await createOwner(server);
});

/** A page with a form, and what another tab does before the form is sent. */
interface StaleForm {
  readonly page: Page;
  readonly action: string;
  readonly fields: FormFields;
  /** Changes what the page showed. */
  readonly change: () => Promise<unknown>;
  /** What the form changes. */
  readonly state: () => Promise<unknown>;
}

const query = (text: string, ...parameters: readonly string[]) => database.query(text, parameters);
const ofAccount = (text: string) => () => query(text, owner.accountId);
const open = (path: string) => owner.browser.open(path);

async function openClient(part: string, fields: FormFields, columns: string): Promise<StaleForm & TestClient> {
  const client = await registerClient(owner.browser);
  const path = clientPath(client);
  return {
    ...client,
    page: await open(part === '/edit' ? `${path}/edit` : path),
    action: `${path}${part}`,
    fields,
    change: () => query(`update clients set name = 'Renamed', secret_hash = $2 where id = $1`, client.id, randomUUID()),
    state: () => query(`select ${columns} from clients where id = $1`, client.id),
  };
}

async function openKeys(action: string, fields: FormFields): Promise<StaleForm> {
  const add = async (key: string) =>
    owner.browser.submit(await open('/account/keys'), '/account/keys', { upstream: 'openai', key });
  await add('sk-proj-the-first-key-0123456789-abcd');
  return {
    page: await open('/account/keys'),
    action,
    fields,
    change: () => add('sk-proj-the-second-key-0123456789-efgh'),
    state:
      ofAccount(`select k.jwe, n.name from provider_keys k left join provider_key_names n using (account_id, upstream)
      where k.account_id = $1`),
  };
}

async function openSpareKey(act: string, fields: FormFields): Promise<StaleForm> {
  const add = async (key: string, more: FormFields = {}) =>
    owner.browser.submit(await open('/account/keys'), '/account/keys', { upstream: 'openai', key, ...more });
  await add('sk-proj-the-first-key-0123456789-abcd');
  await add('sk-proj-the-spare-key-0123456789-efgh', { as_spare: 'yes' });
  const [spare] = await query('select id from spare_provider_keys where account_id = $1', owner.accountId);
  const path = `/account/keys/spare/${(spare as { id: string }).id}`;
  return {
    page: await open('/account/keys'),
    action: `${path}/${act}`,
    fields,
    change: async () => owner.browser.submit(await open('/account/keys'), `${path}/name`, { name: 'From another tab' }),
    state:
      ofAccount(`select k.id as first, s.id, s.name from provider_keys k left join spare_provider_keys s using (account_id)
      where k.account_id = $1`),
  };
}

async function openSettings(
  part: string,
  fields: FormFields,
  sql: { readonly change: string; readonly state: string },
): Promise<StaleForm> {
  return {
    page: await open('/account/settings'),
    action: `/account/settings/${part}`,
    fields,
    change: ofAccount(sql.change),
    state: ofAccount(sql.state),
  };
}

async function openForOperator(path: string): Promise<Page> {
  await setOperator(server.db, owner.accountId, true);
  return open(path);
}

const settings =
  'select language, default_max_cost::text, default_lifetime_seconds from account_settings where account_id = $1';
const grants = 'select id, max_cost::text, status from grants where account_id = $1';

const forms: Readonly<Record<ShownForm, () => Promise<StaleForm>>> = {
  '/account/developer/clients/{client_id}/edit': () =>
    openClient('/edit', { name: 'From An Old Tab', redirect_uris: 'https://app.example/callback' }, 'name'),
  '/account/developer/clients/{client_id}/secret': () => openClient('/secret', { overlap: '0' }, 'secret_hash'),
  '/account/developer/clients/{client_id}/end-secrets': async () => {
    const client = await registerClient(owner.browser);
    const add = (days: number) =>
      query(
        `insert into previous_client_secrets (client_id, secret_hash, expires_at)
        values ($1, $2, now() + make_interval(days => ${days}))`,
        client.id,
        randomUUID(),
      );
    await add(1);
    return {
      page: await open(clientPath(client)),
      action: `${clientPath(client)}/end-secrets`,
      fields: { asked: 'yes' },
      change: () => add(2),
      state: () => query('select secret_hash from previous_client_secrets where client_id = $1', client.id),
    };
  },
  '/account/grants/{grant_id}/limits': async () => {
    await connect(server, owner.browser, await addClient(server), {}, { max_cost_usd: '2' });
    const path = `/account/grants/${(await getLastGrant(server, owner)).id}/limits`;
    return {
      page: await open(path),
      action: path,
      fields: { max_cost_usd: '3' },
      change: ofAccount('update grants set max_cost = 1000000000 where account_id = $1'),
      state: ofAccount(grants),
    };
  },
  '/account/keys': () =>
    openKeys('/account/keys', { upstream: 'openai', key: 'sk-proj-from-an-old-tab-0123456789-ijkl' }),
  '/account/keys/{upstream}/name': () => openKeys('/account/keys/openai/name', { name: 'From an old tab' }),
  '/account/keys/{upstream}/delete': () => openKeys('/account/keys/openai/delete', { asked: 'yes' }),
  '/account/keys/spare/{key_id}/name': () => openSpareKey('name', { name: 'From an old tab' }),
  '/account/keys/spare/{key_id}/first': () => openSpareKey('first', {}),
  '/account/keys/spare/{key_id}/delete': () => openSpareKey('delete', { asked: 'yes' }),
  '/account/identities/{provider}/remove': async () => {
    const { accountId, email } = owner;
    const identity = { accountId, issuer: idp.entry.issuer, subject: accountId, email };
    await server.db.transaction().execute((transaction) => insertIdentity(transaction, identity));
    return {
      page: await open('/account/identities'),
      action: '/account/identities/elsewhere/remove',
      fields: {},
      change: ofAccount(`update account_identities set created_at = created_at + interval '1 s' where account_id = $1`),
      state: ofAccount('select subject from account_identities where account_id = $1'),
    };
  },
  '/account/passkeys/{passkey_id}/name': async () => {
    const id = randomUUID();
    await query(
      `insert into passkeys (id, account_id, credential_id, public_key, sign_count, transports, name)
      values ($1, $2, $1, 'none', 0, '{}', 'Laptop')`,
      id,
      owner.accountId,
    );
    return {
      page: await open('/account/passkeys'),
      action: `/account/passkeys/${id}/name`,
      fields: { name: 'From an old tab' },
      change: ofAccount(`update passkeys set name = 'Phone' where account_id = $1`),
      state: ofAccount('select name from passkeys where account_id = $1'),
    };
  },
  '/account/authenticator/remove': async () => {
    await query(
      `insert into authenticator_apps (account_id, sealed_secret, confirmed_at) values ($1, 'sealed', now())`,
      owner.accountId,
    );
    return {
      page: await open('/account/authenticator'),
      action: '/account/authenticator/remove',
      fields: {},
      change: ofAccount(
        `update authenticator_apps set confirmed_at = confirmed_at + interval '1 s' where account_id = $1`,
      ),
      state: ofAccount('select sealed_secret from authenticator_apps where account_id = $1'),
    };
  },
  '/account/recovery-codes': async () => {
    const path = '/account/recovery-codes';
    await owner.browser.submit(await open(path), path);
    return {
      page: await open(path),
      action: path,
      fields: { asked: 'yes' },
      change: ofAccount(`update recovery_codes set created_at = created_at + interval '1 s' where account_id = $1`),
      state: ofAccount('select code_hash from recovery_codes where account_id = $1 order by code_hash'),
    };
  },
  '/account/email/notices': async () => ({
    page: await open('/account/email'),
    action: '/account/email/notices',
    fields: { notices: ['budget'] },
    change: ofAccount(`insert into account_mail (account_id, language, muted) values ($1, 'en', '{budget}')
      on conflict (account_id) do update set muted = excluded.muted`),
    state: ofAccount('select muted from account_mail where account_id = $1'),
  }),
  '/account/email/change': async () => ({
    page: await open('/account/email'),
    action: '/account/email/change',
    fields: { email: `${randomUUID()}@new.example` },
    change: () =>
      query('update accounts set email = $2 where id = $1', owner.accountId, `${randomUUID()}@elsewhere.example`),
    state: ofAccount('select email from address_links where account_id = $1'),
  }),
  '/account/settings/defaults': () =>
    openSettings(
      'defaults',
      { max_cost_usd: '3', lifetime_seconds: '' },
      {
        change: `insert into account_settings (account_id, default_max_cost) values ($1, 1000000000)
          on conflict (account_id) do update set default_max_cost = excluded.default_max_cost`,
        state: settings,
      },
    ),
  '/account/settings/limit': () =>
    openSettings(
      'limit',
      { max_cost_usd_per_month: '3' },
      {
        change: 'select set_account_limit($1, 1000000000, true)',
        state: 'select max_cost_per_month::text from account_limits where account_id = $1',
      },
    ),
  '/account/settings/time-zone': () =>
    openSettings(
      'time-zone',
      { time_zone: 'Asia/Kolkata' },
      {
        change: `select set_time_zone($1, 'Europe/Berlin')`,
        state: 'select time_zone from accounts where id = $1',
      },
    ),
  '/account/settings/language': () =>
    openSettings(
      'language',
      { language: 'de' },
      {
        change: `insert into account_settings (account_id, language) values ($1, 'en')
          on conflict (account_id) do update set language = excluded.language`,
        state: settings,
      },
    ),
  '/operator/accounts/{account_id}/cap': async () => {
    const { accountId } = await createOwner(server);
    const path = `/operator/accounts/${accountId}`;
    const cap = { accountId, cap: 1_000_000_000n, by: owner.accountId };
    return {
      page: await openForOperator(path),
      action: `${path}/cap`,
      fields: { cap_usd: '3' },
      change: () => server.db.transaction().execute((transaction) => setAccountOperatorCap(transaction, cap)),
      state: () => query('select max_cost_per_month::text from account_operator_caps where account_id = $1', accountId),
    };
  },
  '/operator/keys/caps': async () => ({
    page: await openForOperator('/operator/keys'),
    action: '/operator/keys/caps',
    fields: { cap_of_all_usd: '9', cap_of_account_usd: '3' },
    change: () =>
      server.db
        .transaction()
        .execute((transaction) =>
          setOperatorCaps(transaction, { ofAll: 5_000_000_000n, ofAccount: undefined }, owner.accountId),
        ),
    state: () => query('select max_cost_per_month::text from operator_caps'),
  }),
  '/operator/change': async () => {
    const client = await registerClient(owner.browser);
    return {
      page: await openForOperator(`/operator/change?act=approve_client&subject=${client.id}`),
      action: '/operator/change',
      fields: {},
      change: () => query(`update clients set name = 'Bank of Trust' where id = $1`, client.id),
      state: () => query('select client_id from client_approvals where client_id = $1', client.id),
    };
  },
  '/interaction/{uid}/consent': async () => {
    const client = await addClient(server);
    const page = await owner.browser.open((await buildRequest(server, client)).url);
    return openRequest(client, page);
  },
  '/device/{code}/consent': async () => {
    const client = await addTerminal(server);
    const { user_code: code } = await beginDevice(server, client);
    return openRequest(client, await openConsent(owner.browser, code));
  },
};

function openRequest({ id }: TestClient, page: Page): StaleForm {
  return {
    page,
    action: `${page.url.pathname}/consent`,
    fields: { decision: 'allow' },
    change: () => query(`update clients set name = 'Somebody Else' where id = $1`, id),
    state: ofAccount(grants),
  };
}

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.keys(forms) as ShownForm[])(
  'C5: at %s, an old page changes nothing and is shown again with the current values; from there, the change can be made',
  async (path) => {
    const { page, action, fields, change, state } = await forms[path]();
    await change();
    const before = await state();
    const again = await owner.browser.submit(page, action, fields);
    expect([again.status, await state()]).toEqual([422, before]);
    const shown = ({ text }: Page) => readForm(text, action)[shownBy[path]];
    expect(shown(again)).not.toEqual(shown(page));
    const done = await owner.browser.submit(again, action, fields, { follow: false });
    expect(done.status).toBe(303);
    expect(await state()).not.toEqual(before);
  },
);

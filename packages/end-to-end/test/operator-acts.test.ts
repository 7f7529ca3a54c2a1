import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSpecification } from '@aipassport/contracts';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { hashSecret } from '@aipassport/store';
import {
  adminScopes,
  approveClient,
  blockClient,
  disableAccount,
  insertAccount,
  insertGrant,
  insertInvitation,
  lockOperatorCaps,
  replaceClientSecret,
  setMayInvite,
  setOperatorCaps,
  upsertClient,
} from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import * as openid from 'openid-client';
import { createInvited } from './harness/create-invited.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { beginCommand } from './harness/operator-command.js';
import type { Owner } from './harness/owner.js';

let deployment: Deployment;
let directory: string;
let operator: Owner;
let operatorId: string;
let token: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-acts-'));
  deployment = await startDeployment({
    upstreamUrl: 'http://127.0.0.1:9', // no request is sent to a provider here
    variables: () => ({ 'authorization-server': { ACCOUNT_CREATION: 'invite' }, 'resource-proxy': {} }),
  });
  operator = await createInvited(deployment);
  operatorId = await findAccountId(operator.credentials.email);
  await command('operators', 'grant', operator.credentials.email);
  token = await obtainToken();
});
afterAll(async () => {
  await deployment?.stop();
  rmSync(directory, { recursive: true });
});

const command = (...args: readonly string[]) =>
  beginCommand(deployment.databaseUrl, args, { ISSUER: deployment.issuer }).output;

/** Registers a machine with the command, and gets a token for it. */
async function obtainToken(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const file = path.join(directory, 'jwks.json');
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] }));
  const machine = ['--type', 'machine', '--name', 'Script', '--jwks', file, '--admin-scope', ...adminScopes];
  const printed = await command('clients', 'create', ...machine);
  const clientId = /^client_id +(\S+)$/m.exec(printed)?.[1] ?? '';
  const options = { execute: [openid.allowInsecureRequests] };
  const authentication = openid.PrivateKeyJwt(privateKey);
  const issuer = new URL(deployment.issuer);
  const configuration = await openid.discovery(issuer, clientId, undefined, authentication, options);
  const resource = `${deployment.issuer}/api/admin`;
  return (await openid.clientCredentialsGrant(configuration, { resource, scope: adminScopes.join(' ') })).access_token;
}

/** One of the ways in which an act can be done. */
interface Way {
  /** An operation of the admin API, a link or a form of the operator's pages, or a command. */
  readonly name: string;
  readonly perform: (subject: Subject) => Promise<unknown>;
}

/** An operation of the admin API. The subject's id is the variable segment of its path. */
function operation(
  name: string,
  { body, query }: { readonly body?: object; readonly query?: (subject: Subject) => Record<string, string> } = {},
): Way {
  const [method = '', template = ''] = name.split(' ');
  const perform = async (subject: Subject) => {
    const path = template.replace(/\{\w+\}/, encodeURIComponent(subject.id));
    const answer = await fetch(`${deployment.issuer}${path}?${new URLSearchParams(query?.(subject))}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  return { name, perform };
}

/** A change that the operator's page makes after it has asked for confirmation. */
const change = (act: string, button: string): Way => ({
  name: act,
  perform: async ({ id: subject }) => {
    const { page } = await operator.open(`/operator/change?${new URLSearchParams({ act, subject })}`);
    const { page: next } = await operator.press(page, button);
    if (!next.text.includes('Saved. The change applies from now on.')) throw new Error(next.text);
  },
});

/** A form of the operator's pages. */
const form = (
  action: string,
  path: (subject: Subject) => string,
  button: string,
  fill: Readonly<Record<string, string>> = {},
): Way => ({
  name: action,
  perform: async (subject) => {
    const { page } = await operator.open(path(subject));
    await operator.press(page, button, { fill });
  },
});

/** A page that is only read. */
const page = (path: (subject: Subject) => string): Way => ({
  name: path(anything),
  perform: (subject) => operator.open(path(subject)),
});

/** A command. The rest of its line may name the subject. */
const line = (name: string, rest: (subject: Subject) => readonly string[] = () => []): Way => ({
  name,
  perform: (subject) => command(...name.split(' '), ...rest(subject)),
});

const byEmail = ({ email }: Subject) => [email];
const byId = ({ id }: Subject) => [id];

async function findAccountId(email: string): Promise<string> {
  const { db } = deployment;
  return (await db.selectFrom('accounts').select('id').where('email', '=', email).executeTakeFirstOrThrow()).id;
}

/** What an act concerns. An account has an `email`. */
interface Subject {
  readonly id: string;
  readonly email: string;
}

async function addAccount(): Promise<Subject> {
  const email = `${randomUUID()}@example.org`;
  const account = await insertAccount(deployment.db, { email, passwordHash: 'no password' });
  return { id: account?.id ?? '', email };
}

async function addClient(): Promise<Subject> {
  const id = randomUUID();
  const metadata = { redirect_uris: ['https://app.example/callback'] };
  const client = { id, name: 'App', metadata, secretHash: undefined, webOrigins: [] };
  await upsertClient(deployment.db, { ...client, registeredBy: 'registration' });
  return { id, email: '' };
}

/** A client that the operator added, with a secret. */
async function addOwnClient(): Promise<Subject> {
  const id = randomUUID();
  const metadata = {
    redirect_uris: ['https://app.example/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
  };
  const client = { id, name: 'App', metadata, secretHash: hashSecret(id), webOrigins: ['https://app.example'] };
  await upsertClient(deployment.db, { ...client, registeredBy: 'operator' });
  return { id, email: '' };
}

async function addInvitation(): Promise<Subject> {
  const id = randomUUID();
  await insertInvitation(deployment.db, { id, createdBy: undefined, note: undefined, expiresInSeconds: 3_600 });
  return { id, email: '' };
}

async function addGrant(): Promise<Subject> {
  const [account, client, id] = [await addAccount(), await addClient(), randomUUID()];
  await insertGrant(deployment.db, {
    id,
    accountId: account.id,
    clientId: client.id,
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits: noLimits,
    reason: undefined,
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  return { id, email: '' };
}

interface Act {
  readonly name: string;
  readonly events: readonly string[];
  /** Makes a new object. It runs once for each way: the admin API, the page and the command. */
  readonly prepare: () => Promise<Subject>;
  readonly api?: Way;
  readonly page?: Way;
  readonly command?: Way;
}

const anything: Subject = { id: 'nothing', email: '' };
const nothing = async () => anything;
const cap = { max_cost_usd_per_month: '7.5' };
const week = 7 * 86_400;

const acts: readonly Act[] = [
  {
    name: 'disable an account',
    events: ['account_disabled'],
    prepare: addAccount,
    page: change('disable_account', 'Disable account'),
    api: operation('POST /api/admin/accounts/{account_id}/disable'),
    command: line('accounts disable', byEmail),
  },
  {
    name: 'enable an account',
    events: ['account_enabled'],
    prepare: async () => {
      const account = await addAccount();
      await disableAccount(deployment.db, account.id);
      return account;
    },
    page: change('enable_account', 'Enable account'),
    api: operation('POST /api/admin/accounts/{account_id}/enable'),
    command: line('accounts enable', byEmail),
  },
  {
    name: 'delete an account',
    events: ['account_deleted'],
    prepare: addAccount,
    api: operation('DELETE /api/admin/accounts/{account_id}'),
  },
  {
    name: 'export an account',
    events: ['data_exported'],
    prepare: addAccount,
    api: operation('GET /api/admin/accounts/{account_id}/export'),
  },
  {
    name: 'let an account invite',
    events: ['may_invite_changed'],
    prepare: addAccount,
    page: change('let_invite', 'Let this account invite others'),
    api: operation('POST /api/admin/accounts/{account_id}/let-invite'),
    command: line('accounts let-invite', byEmail),
  },
  {
    name: 'stop an account from inviting',
    events: ['may_invite_changed'],
    prepare: async () => {
      const account = await addAccount();
      await setMayInvite(deployment.db, account.id, { mayInvite: true });
      return account;
    },
    page: change('stop_inviting', 'Stop this account from inviting'),
    api: operation('POST /api/admin/accounts/{account_id}/stop-inviting'),
    command: line('accounts stop-inviting', byEmail),
  },
  {
    name: 'turn off an authenticator app',
    events: ['authenticator_app_removed'],
    prepare: async () => {
      const account = await addAccount();
      const app = { account_id: account.id, sealed_secret: 'sealed', confirmed_at: new Date() };
      await deployment.db.insertInto('authenticator_apps').values(app).execute();
      return account;
    },
    page: change('remove_authenticator', 'Turn off authenticator app'),
    command: line('accounts remove-authenticator', byEmail),
  },
  {
    name: 'make a link for a new password',
    events: ['password_reset_link_created'],
    prepare: addAccount,
    page: form(
      '/operator/accounts/{id}/reset-link',
      ({ id }) => `/operator/accounts/${id}`,
      'Create a password reset link',
    ),
    command: line('accounts reset-password', byEmail),
  },
  {
    name: 'invite',
    events: ['invitation_created'],
    prepare: nothing,
    page: form('/operator/invitations', () => '/operator/invitations', 'Create invitation', {
      expires_in: String(week),
    }),
    api: operation('POST /api/admin/invitations', { body: { expires_in_seconds: week } }),
    command: line('accounts invite', () => ['--expires', '7d']),
  },
  {
    name: 'withdraw an invitation',
    events: ['invitation_withdrawn'],
    prepare: addInvitation,
    page: change('withdraw_invitation', 'Withdraw invitation'),
    api: operation('DELETE /api/admin/invitations/{invitation_id}'),
    command: line('accounts uninvite', byId),
  },
  {
    name: 'block a client',
    events: ['client_blocked'],
    prepare: addClient,
    page: change('block_client', 'Block app'),
    api: operation('POST /api/admin/clients/{client_id}/block'),
    command: line('clients block', byId),
  },
  {
    name: 'unblock a client',
    events: ['client_unblocked'],
    prepare: async () => {
      const client = await addClient();
      await blockClient(deployment.db, { clientId: client.id, by: undefined });
      return client;
    },
    page: change('unblock_client', 'Unblock app'),
    api: operation('POST /api/admin/clients/{client_id}/unblock'),
    command: line('clients unblock', byId),
  },
  {
    name: 'approve a client',
    events: ['client_approved'],
    prepare: addClient,
    page: change('approve_client', 'Approve app'),
    api: operation('POST /api/admin/clients/{client_id}/approve'),
    command: line('clients approve', byId),
  },
  {
    name: 'withdraw an approval',
    events: ['client_disapproved'],
    prepare: async () => {
      const client = await addClient();
      await approveClient(deployment.db, { clientId: client.id, by: undefined });
      return client;
    },
    page: change('disapprove_client', 'Withdraw approval'),
    api: operation('POST /api/admin/clients/{client_id}/disapprove'),
    command: line('clients disapprove', byId),
  },
  {
    name: 'add a client',
    events: ['client_registered'],
    prepare: nothing,
    api: operation('POST /api/admin/clients', {
      body: { name: 'Notes', redirect_uris: ['https://notes.example/callback'] },
    }),
    command: line('clients create', () => ['--name', 'Notes', '--redirect-uri', 'https://notes.example/callback']),
  },
  {
    name: 'edit a client',
    events: ['client_changed'],
    prepare: addOwnClient,
    api: operation('PATCH /api/admin/clients/{client_id}', { body: { name: 'Better notes' } }),
  },
  {
    name: 'replace the secret of a client',
    events: ['client_secret_replaced'],
    prepare: addOwnClient,
    api: operation('POST /api/admin/clients/{client_id}/secrets', { body: { overlap_seconds: 3_600 } }),
  },
  {
    name: 'end the earlier secrets of a client',
    events: ['client_secrets_ended'],
    prepare: async () => {
      const client = await addOwnClient();
      const secret = { clientId: client.id, secretHash: hashSecret(randomUUID()), overlapSeconds: 3_600 };
      await replaceClientSecret(deployment.db, secret);
      return client;
    },
    api: operation('DELETE /api/admin/clients/{client_id}/secrets'),
  },
  {
    name: 'delete a client',
    events: ['client_deleted'],
    prepare: addClient,
    api: operation('DELETE /api/admin/clients/{client_id}'),
    command: line('clients delete', byId),
  },
  {
    name: 'revoke a grant',
    events: ['grant_revoked'],
    prepare: addGrant,
    api: operation('DELETE /api/admin/grants/{grant_id}'),
  },
  {
    name: 'revoke the grants of an account',
    events: ['grant_revoked'],
    prepare: async () => {
      const { id } = await addGrant();
      const query = deployment.db.selectFrom('grants').select('account_id').where('id', '=', id);
      return { id: (await query.executeTakeFirstOrThrow()).account_id, email: '' };
    },
    api: operation('DELETE /api/admin/grants', { query: ({ id }) => ({ account_id: id }) }),
  },
  {
    name: 'change the caps of the operator',
    events: ['operator_caps_changed'],
    prepare: async () => {
      await deployment.db.transaction().execute(async (transaction) => {
        await lockOperatorCaps(transaction);
        await setOperatorCaps(transaction, { ofAll: undefined, ofAccount: undefined }, undefined);
      });
      return anything;
    },
    page: form('/operator/keys/caps', () => '/operator/keys', 'Save caps', {
      cap_of_all_usd: '7.50',
      cap_of_account_usd: '7.50',
    }),
    api: operation('PATCH /api/admin/limits', { body: { all_accounts: cap, each_account: cap } }),
  },
  {
    name: 'change the cap of an account',
    events: ['account_operator_cap_changed'],
    prepare: addAccount,
    page: form('/operator/accounts/{id}/cap', ({ id }) => `/operator/accounts/${id}`, 'Save cap', { cap_usd: '7.50' }),
    api: operation('PATCH /api/admin/accounts/{account_id}/limits', { body: { shared_keys: cap } }),
  },
  {
    name: 'export the audit log',
    events: ['audit_log_exported'],
    prepare: nothing,
    page: form('/operator/audit/export', () => '/operator/audit', 'Download CSV'),
    command: line('audit export'),
  },
];

/** The members of a row that say who did the act, and with which request. */
const authorMembers = ['by', 'request_id', 'address', 'admin_client', 'admin_token'];

/** The rows of each act in the first of its ways. */
const firstRows = new Map<string, readonly Row[]>();

interface Row {
  readonly event: string;
  readonly about: string;
}

/**
 * Does an act in one of these ways.
 * @returns its rows in the audit log, without their author and with `<subject>` for its id
 */
async function record(
  prepare: Act['prepare'],
  { perform }: Way,
  isCounted = (event: string) => event !== 'data_read',
): Promise<readonly Row[]> {
  const subject = await prepare();
  const { db } = deployment;
  const last = await db.selectFrom('audit_events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  await perform(subject);
  const rows = await db
    .selectFrom('audit_events')
    .select(['event', 'account_id', 'client_id', 'grant_id', 'detail'])
    .where('id', '>', last?.id ?? 0n)
    .orderBy('id')
    .execute();
  return rows
    .filter(({ event }) => isCounted(event))
    .map(({ event, detail, account_id: account, ...ids }) => {
      // the row says who did the act: a program, a token, an account or the command
      const authors = ['by', 'admin_client', 'admin_token'].filter((member) => member in (detail as object));
      expect([event, authors.length > 0 || account === operatorId]).toEqual([event, true]);
      const members = Object.entries(detail as object).filter(([member]) => !authorMembers.includes(member));
      // the row of an act that concerns no account names the operator's account, if a person did the act
      const about = {
        ...ids,
        account_id: account === operatorId ? null : account,
        detail: Object.fromEntries(members.sort(([one], [other]) => one.localeCompare(other))),
      };
      const text = JSON.stringify(about).replaceAll(subject.id, '<subject>');
      return {
        event,
        about: text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '<id>').replaceAll(/\d{4}-\d\d-\d\dT[^"]+/g, '<time>'),
      };
    });
}

it.each(acts)('the admin API, the page and the command write the same row: $name', async (act) => {
  const ways = [act.api, act.page, act.command].filter((way) => way !== undefined);
  for (const way of ways) {
    const rows = await record(act.prepare, way);
    expect([way.name, rows.map(({ event }) => event)]).toEqual([way.name, act.events]);
    firstRows.set(act.name, firstRows.get(act.name) ?? rows);
    expect([way.name, rows]).toEqual([way.name, firstRows.get(act.name)]);
  }
});

const readings: readonly Omit<Act, 'events'>[] = [
  {
    name: 'list the accounts',
    prepare: nothing,
    page: page(() => '/operator/accounts'),
    api: operation('GET /api/admin/accounts'),
    command: line('accounts list'),
  },
  {
    name: 'look at an account',
    prepare: addAccount,
    page: page(({ id }) => `/operator/accounts/${id}`),
    api: operation('GET /api/admin/accounts/{account_id}'),
  },
  {
    name: 'list the invitations',
    prepare: nothing,
    page: page(() => '/operator/invitations'),
    api: operation('GET /api/admin/invitations'),
    command: line('accounts invitations'),
  },
  {
    name: 'list the apps',
    prepare: nothing,
    page: page(() => '/operator/clients'),
    api: operation('GET /api/admin/clients'),
    command: line('clients list'),
  },
  {
    name: 'look at an app',
    prepare: addClient,
    api: operation('GET /api/admin/clients/{client_id}'),
    command: line('clients show', byId),
  },
  { name: 'list the grants', prepare: nothing, api: operation('GET /api/admin/grants') },
  { name: 'look at a grant', prepare: addGrant, api: operation('GET /api/admin/grants/{grant_id}') },
  {
    name: 'look at the spending',
    prepare: nothing,
    page: page(() => '/operator/spending'),
    api: operation('GET /api/admin/usage'),
  },
];

it.each(readings)('the admin API, the page and the command write the same row when they read: $name', async (read) => {
  const ways = [read.api, read.page, read.command].filter((way) => way !== undefined);
  for (const way of ways) {
    const rows = await record(read.prepare, way, () => true);
    expect([way.name, rows.map(({ event }) => event)]).toEqual([way.name, ['data_read']]);
    firstRows.set(read.name, firstRows.get(read.name) ?? rows);
    expect([way.name, rows]).toEqual([way.name, firstRows.get(read.name)]);
  }
});

const namesOf = (kind: 'api' | 'page' | 'command') =>
  [...acts, ...readings].flatMap((act) => act[kind]?.name ?? []).toSorted();

/** The operations of the API that are not compared, and why. */
const otherOperations = {
  'read numbers or caps of the whole server, and nothing of a person': ['GET /api/admin', 'GET /api/admin/limits'],
  'has a row of its own, `audit_log_read`: the page and the command write `audit_log_read` and `audit_log_exported`': [
    'GET /api/admin/audit',
  ],
};

it('each operation of the admin API is compared, or is listed with the reason', () => {
  const specified = Object.entries(loadSpecification('admin').document.paths)
    .filter(([template]) => template.startsWith('/api/'))
    .flatMap(([template, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${template}`));
  expect([...namesOf('api'), ...Object.values(otherOperations).flat()].toSorted()).toEqual(specified.toSorted());
});

it('each change that the operator’s pages offer is compared', async () => {
  const [account, disabled, inviting, secured] = await Promise.all([
    addAccount(),
    addAccount(),
    addAccount(),
    addAccount(),
  ]);
  await disableAccount(deployment.db, disabled.id);
  await setMayInvite(deployment.db, inviting.id, { mayInvite: true });
  const app = { account_id: secured.id, sealed_secret: 'sealed', confirmed_at: new Date() };
  await deployment.db.insertInto('authenticator_apps').values(app).execute();
  const [, approved, blocked] = await Promise.all([addClient(), addClient(), addClient()]);
  await approveClient(deployment.db, { clientId: approved.id, by: undefined });
  await blockClient(deployment.db, { clientId: blocked.id, by: undefined });
  await addInvitation();
  const accounts = [account, disabled, inviting, secured].map(({ id }) => `/operator/accounts/${id}`);
  const lists = ['accounts', 'invitations', 'keys', 'spending', 'clients', 'audit'].map((name) => `/operator/${name}`);
  const offered = new Set<string>();
  for (const path of ['/operator', ...lists, ...accounts]) {
    const { document } = (await operator.open(path)).page;
    for (const link of document.querySelectorAll('a[href*="act="]'))
      offered.add(/[?&]act=(\w+)/.exec(link.getAttribute('href') ?? '')?.[1] ?? '');
    for (const each of document.querySelectorAll('form[method="post"]'))
      offered.add((each.getAttribute('action') ?? '').replace(/\/accounts\/[\w-]+\//, '/accounts/{id}/'));
  }
  offered.delete('/account/sign-out');
  const changes = acts.flatMap((act) => act.page?.name ?? []);
  expect([...offered].toSorted()).toEqual(changes.toSorted());
});

/** The commands that are not compared, and why. */
const otherCommands = {
  'make and remove operators, which neither the API nor a page does': [
    'operators list',
    'operators invite',
    'operators grant',
    'operators revoke',
  ],
  'makes an account with a password; the API and the pages make invitations': ['accounts create'],
};

it('each command for accounts, clients and operators is compared, or is listed with the reason', async () => {
  const groups = ['accounts', 'clients', 'operators'];
  const all = await Promise.all(
    groups.map(async (group) => {
      const help = (await command(group, '--help')).split('Commands:')[1] ?? '';
      const names = [...help.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => `${group} ${name}`);
      return names.filter((name) => name !== `${group} help`);
    }),
  );
  const compared = namesOf('command').filter((name) => groups.includes(name.split(' ')[0] ?? ''));
  expect([...compared, ...Object.values(otherCommands).flat()].toSorted()).toEqual(all.flat().toSorted());
});

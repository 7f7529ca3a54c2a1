import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  adminScopes,
  approveClient,
  blockClient,
  disableAccount,
  insertAccount,
  insertInvitation,
  lockOperatorCaps,
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

async function api(method: string, pathname: string, body?: object): Promise<void> {
  const answer = await fetch(`${deployment.issuer}/api/admin${pathname}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${pathname}: ${answer.status} ${await answer.text()}`);
}

/** Makes a change on the operator's page that asks for confirmation. */
async function press(act: string, subject: string, button: string): Promise<void> {
  const { page } = await operator.open(`/operator/change?${new URLSearchParams({ act, subject })}`);
  const { page: next } = await operator.press(page, button);
  if (!next.text.includes('Saved. The change applies from now on.')) throw new Error(next.text);
}

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

async function addInvitation(): Promise<Subject> {
  const id = randomUUID();
  await insertInvitation(deployment.db, { id, createdBy: undefined, note: undefined, expiresInSeconds: 3_600 });
  return { id, email: '' };
}

interface Act {
  readonly name: string;
  readonly events: readonly string[];
  /** Makes a new object. It runs once for each way: the admin API, the page and the command. */
  readonly prepare: () => Promise<Subject>;
  readonly page?: (subject: Subject) => Promise<unknown>;
  readonly api: (subject: Subject) => Promise<unknown>;
  readonly command?: (subject: Subject) => Promise<unknown>;
}

const nothing = async () => ({ id: 'nothing', email: '' });
const cap = { max_cost_usd_per_month: '7.5' };
const week = 7 * 86_400;

const acts: readonly Act[] = [
  {
    name: 'disable an account',
    events: ['account_disabled'],
    prepare: addAccount,
    page: ({ id }) => press('disable_account', id, 'Disable account'),
    api: ({ id }) => api('POST', `/accounts/${id}/disable`),
    command: ({ email }) => command('accounts', 'disable', email),
  },
  {
    name: 'enable an account',
    events: ['account_enabled'],
    prepare: async () => {
      const account = await addAccount();
      await disableAccount(deployment.db, account.id);
      return account;
    },
    page: ({ id }) => press('enable_account', id, 'Enable account'),
    api: ({ id }) => api('POST', `/accounts/${id}/enable`),
    command: ({ email }) => command('accounts', 'enable', email),
  },
  {
    name: 'let an account invite',
    events: ['may_invite_changed'],
    prepare: addAccount,
    page: ({ id }) => press('let_invite', id, 'Let this account invite others'),
    api: ({ id }) => api('POST', `/accounts/${id}/let-invite`),
    command: ({ email }) => command('accounts', 'let-invite', email),
  },
  {
    name: 'stop an account from inviting',
    events: ['may_invite_changed'],
    prepare: async () => {
      const account = await addAccount();
      await setMayInvite(deployment.db, account.id, { mayInvite: true });
      return account;
    },
    page: ({ id }) => press('stop_inviting', id, 'Stop this account from inviting'),
    api: ({ id }) => api('POST', `/accounts/${id}/stop-inviting`),
    command: ({ email }) => command('accounts', 'stop-inviting', email),
  },
  {
    name: 'invite',
    events: ['invitation_created'],
    prepare: nothing,
    page: async () => {
      const { page } = await operator.open('/operator/invitations');
      await operator.press(page, 'Create invitation', { fill: { expires_in: String(week) } });
    },
    api: () => api('POST', '/invitations', { expires_in_seconds: week }),
    command: () => command('accounts', 'invite', '--expires', '7d'),
  },
  {
    name: 'withdraw an invitation',
    events: ['invitation_withdrawn'],
    prepare: addInvitation,
    page: ({ id }) => press('withdraw_invitation', id, 'Withdraw invitation'),
    api: ({ id }) => api('DELETE', `/invitations/${id}`),
    command: ({ id }) => command('accounts', 'uninvite', id),
  },
  {
    name: 'block a client',
    events: ['client_blocked'],
    prepare: addClient,
    page: ({ id }) => press('block_client', id, 'Block app'),
    api: ({ id }) => api('POST', `/clients/${id}/block`),
    command: ({ id }) => command('clients', 'block', id),
  },
  {
    name: 'unblock a client',
    events: ['client_unblocked'],
    prepare: async () => {
      const client = await addClient();
      await blockClient(deployment.db, { clientId: client.id, by: undefined });
      return client;
    },
    page: ({ id }) => press('unblock_client', id, 'Unblock app'),
    api: ({ id }) => api('POST', `/clients/${id}/unblock`),
    command: ({ id }) => command('clients', 'unblock', id),
  },
  {
    name: 'approve a client',
    events: ['client_approved'],
    prepare: addClient,
    page: ({ id }) => press('approve_client', id, 'Approve app'),
    api: ({ id }) => api('POST', `/clients/${id}/approve`),
    command: ({ id }) => command('clients', 'approve', id),
  },
  {
    name: 'withdraw an approval',
    events: ['client_disapproved'],
    prepare: async () => {
      const client = await addClient();
      await approveClient(deployment.db, { clientId: client.id, by: undefined });
      return client;
    },
    page: ({ id }) => press('disapprove_client', id, 'Withdraw approval'),
    api: ({ id }) => api('POST', `/clients/${id}/disapprove`),
    command: ({ id }) => command('clients', 'disapprove', id),
  },
  {
    name: 'add a client',
    events: ['client_registered'],
    prepare: nothing,
    api: () => api('POST', '/clients', { name: 'Notes', redirect_uris: ['https://notes.example/callback'] }),
    command: () => command('clients', 'create', '--name', 'Notes', '--redirect-uri', 'https://notes.example/callback'),
  },
  {
    name: 'delete a client',
    events: ['client_deleted'],
    prepare: addClient,
    api: ({ id }) => api('DELETE', `/clients/${id}`),
    command: ({ id }) => command('clients', 'delete', id),
  },
  {
    name: 'change the caps of the operator',
    events: ['operator_caps_changed'],
    prepare: async () => {
      await deployment.db.transaction().execute(async (transaction) => {
        await lockOperatorCaps(transaction);
        await setOperatorCaps(transaction, { ofAll: undefined, ofAccount: undefined }, undefined);
      });
      return nothing();
    },
    page: async () => {
      const { page } = await operator.open('/operator/keys');
      await operator.press(page, 'Save caps', { fill: { cap_of_all_usd: '7.50', cap_of_account_usd: '7.50' } });
    },
    api: () => api('PATCH', '/limits', { all_accounts: cap, each_account: cap }),
  },
  {
    name: 'change the cap of an account',
    events: ['account_operator_cap_changed'],
    prepare: addAccount,
    page: async ({ id }) => {
      const { page } = await operator.open(`/operator/accounts/${id}`);
      await operator.press(page, 'Save cap', { fill: { cap_usd: '7.50' } });
    },
    api: ({ id }) => api('PATCH', `/accounts/${id}/limits`, { shared_keys: cap }),
  },
];

/** The members of a row that say who did the act, and with which request. */
const authorMembers = ['by', 'request_id', 'address', 'admin_client', 'admin_token'];

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
  perform: Act['api'],
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
  const byApi = await record(act.prepare, act.api);
  expect(byApi.map(({ event }) => event)).toEqual(act.events);
  for (const way of [act.page, act.command])
    if (way !== undefined) expect(await record(act.prepare, way)).toEqual(byApi);
});

const readings: readonly Pick<Act, 'name' | 'prepare' | 'page' | 'api' | 'command'>[] = [
  {
    name: 'list the accounts',
    prepare: nothing,
    page: () => operator.open('/operator/accounts'),
    api: () => api('GET', '/accounts'),
    command: () => command('accounts', 'list'),
  },
  {
    name: 'look at an account',
    prepare: addAccount,
    page: ({ id }) => operator.open(`/operator/accounts/${id}`),
    api: ({ id }) => api('GET', `/accounts/${id}`),
  },
  {
    name: 'list the invitations',
    prepare: nothing,
    page: () => operator.open('/operator/invitations'),
    api: () => api('GET', '/invitations'),
    command: () => command('accounts', 'invitations'),
  },
  {
    name: 'list the apps',
    prepare: nothing,
    page: () => operator.open('/operator/clients'),
    api: () => api('GET', '/clients'),
    command: () => command('clients', 'list'),
  },
  {
    name: 'look at an app',
    prepare: addClient,
    api: ({ id }) => api('GET', `/clients/${id}`),
    command: ({ id }) => command('clients', 'show', id),
  },
  { name: 'list the grants', prepare: nothing, api: () => api('GET', '/grants') },
  {
    name: 'look at the spending',
    prepare: nothing,
    page: () => operator.open('/operator/spending'),
    api: () => api('GET', '/usage'),
  },
];

it.each(readings)('the admin API, the page and the command write the same row when they read: $name', async (read) => {
  const byApi = await record(read.prepare, read.api, () => true);
  expect(byApi.map(({ event }) => event)).toEqual(['data_read']);
  for (const way of [read.page, read.command])
    if (way !== undefined) expect(await record(read.prepare, way, () => true)).toEqual(byApi);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '@aipassport/store';
import { makeSecret } from '@aipassport/store';
import { insertPasswordReset, setMayInvite, setOperator } from '@aipassport/store/authorization';
import * as oauth from 'openid-client';
import { postChat } from './chat.js';
import { ClientApp } from './client-app.js';
import { connect } from './connect.js';
import { createInvited, makeInvitationLink } from './create-invited.js';
import { type Deployment, type DeploymentOptions, startDeployment } from './deployment.js';
import { findLink } from './outbox.js';
import { Owner } from './owner.js';
import type { FormChanges, Page } from './page.js';

const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';

const afterSignOut = 'http://127.0.0.1:9/signed-out';

/** A deployment that has every page; e-mails are written to files. */
export interface FurnishedDeployment {
  readonly deployment: Deployment;
  readonly outbox: string;
  readonly stop: () => Promise<void>;
}

interface FurnishedOptions extends Pick<DeploymentOptions, 'issuerHost'> {
  /** With `invite`, the page "Create an account" shows its form only if the link to it contains an invitation. */
  readonly accountCreation?: 'invite' | 'open';
}

export async function startFurnishedDeployment(
  upstreamUrl: string,
  { accountCreation = 'invite', ...options }: FurnishedOptions = {},
): Promise<FurnishedDeployment> {
  const outbox = mkdtempSync(path.join(tmpdir(), 'aipassport-outbox-'));
  const removeOutbox = () => rmSync(outbox, { recursive: true, force: true });
  try {
    const variables = () => ({
      'authorization-server': {
        ACCOUNT_CREATION: accountCreation,
        MAIL_OUTBOX: outbox,
        PLAYGROUND: 'on',
        NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '20',
      },
      'resource-proxy': {},
    });
    const deployment = await startDeployment({ ...options, upstreamUrl, variables });
    const stop = async () => {
      await deployment.stop();
      removeOutbox();
    };
    return { deployment, outbox, stop };
  } catch (error) {
    removeOutbox();
    throw error;
  }
}

export interface FurnishedAccount {
  readonly owner: Owner;
  /**
   * The paths of the pages that need a parameter, by their templates in the specification. SECRET: some contain tokens.
   */
  readonly addresses: Readonly<Record<string, string>>;
}

/** Makes an owner who has data to see on every page: an operator who may invite people. */
export async function furnishAccount({ deployment, outbox }: FurnishedDeployment): Promise<FurnishedAccount> {
  const owner = await createInviter(deployment);
  const confirmation = await findLink(outbox, '/account/email/confirm');
  await press(owner, confirmation, 'Confirm address');
  await owner.addKey('openai', 'sk-proj-0123456789abcdef0123456789');
  await useApp(deployment, owner, 'Travel Planner', 1);
  await press(owner, '/account/tokens', 'Create token', { fill: { name: 'Dashboard' } });
  const grantId = await useApp(deployment, owner, 'Recipe Helper', 3);
  const metadata = { post_logout_redirect_uris: [afterSignOut] };
  const application = await ClientApp.register(deployment, { name: 'Language Coach', metadata });
  const request = await application.beginAuthorization('model:gpt-4o-mini model:claude-haiku-4-5 cap:chat', {
    max_cost_usd: '2',
    expires_in: 86_400,
    reason: 'To practise Spanish with you.',
  });
  const consent = await owner.openConsent(request.url);
  await press(owner, '/account/email', 'Send link', { fill: { email: 'new-address@example.org' } });
  return {
    owner,
    addresses: {
      '/account/create': await makeInvitationLink(deployment),
      '/account/apps/{app_id}': findHref((await owner.open('/account/apps')).page, 'Recipe Helper'),
      '/account/grants/{grant_id}': `/account/grants/${grantId}`,
      '/account/grants/{grant_id}/limits': `/account/grants/${grantId}/limits`,
      '/account/email/confirm': await findLink(outbox, '/account/email/confirm', { other: confirmation }),
      '/account/reset': await makeResetLink(deployment, owner),
      '/device/{code}': `/device/${await beginDeviceFlow(deployment)}`,
      '/docs/{name}': '/docs/authorization-server',
      '/interaction/{uid}': consent.url.pathname,
      '/logout?client_id={client_id}': `/logout?${new URLSearchParams({
        client_id: application.clientId,
        post_logout_redirect_uri: afterSignOut,
      })}`,
      '/operator/accounts/{account_id}': `/operator/accounts/${(await findAccount(deployment.db, owner.credentials.email)).id}`,
      '/operator/change': `/operator/change?${new URLSearchParams({ act: 'block_client', subject: application.clientId })}`,
      ...(await registerApp(owner)),
    },
  };
}

async function createInviter(deployment: Deployment): Promise<Owner> {
  const owner = await createInvited(deployment, 'alex@example.org');
  const { id } = await findAccount(deployment.db, owner.credentials.email);
  await setOperator(deployment.db, id, true);
  return owner;
}

/**
 * Removes what only few owners have, and shows the host of a real AI provider, so that the pages are those of an
 * ordinary owner. Apps cannot use the owner's keys afterwards.
 */
export async function makeOrdinary({ deployment: { db } }: FurnishedDeployment, owner: Owner): Promise<void> {
  const { id } = await findAccount(db, owner.credentials.email);
  await setOperator(db, id, false);
  await setMayInvite(db, id, { mayInvite: false });
  await db.updateTable('provider_keys').set({ host: 'api.openai.com' }).where('account_id', '=', id).execute();
}

function findAccount(db: Database, email: string) {
  return db.selectFrom('accounts').select('id').where('email', '=', email).executeTakeFirstOrThrow();
}

/** Allows an app and sends some of its requests to the AI. @returns the identifier of its grant */
async function useApp(deployment: Deployment, owner: Owner, name: string, requests: number): Promise<string> {
  const client = await ClientApp.register(deployment, { name });
  const proposal = { max_cost_usd: '1', max_requests: 100, reason: 'To answer your questions.' };
  const { accessToken, grantId } = await connect(deployment, { owner, client, proposal });
  for (let request = 0; request < requests; request++)
    await (await postChat(deployment.resourceProxyUrl, accessToken)).text();
  return grantId;
}

async function registerApp(owner: Owner): Promise<Record<string, string>> {
  const fill = { type: 'web', name: 'Weather Assistant', redirect_uris: 'https://weather.example/callback' };
  const { pathname } = (await press(owner, '/account/developer/clients/new', 'Register an app', { fill })).url;
  return {
    '/account/developer/clients/{client_id}': pathname,
    '/account/developer/clients/{client_id}/edit': `${pathname}/edit`,
  };
}

/** Makes a link to choose a new password, as the operator's command does. */
async function makeResetLink({ db }: Deployment, owner: Owner): Promise<string> {
  const token = makeSecret();
  const { id: accountId } = await findAccount(db, owner.credentials.email);
  await insertPasswordReset(db, { accountId, token, lifetimeSeconds: 3_600 });
  return `/account/reset?token=${token}`;
}

async function beginDeviceFlow(deployment: Deployment): Promise<string> {
  const metadata = { grant_types: [deviceGrantType], response_types: [], redirect_uris: [] };
  const terminal = await ClientApp.register(deployment, { name: 'Code Helper', metadata });
  const { user_code: code } = await oauth.initiateDeviceAuthorization(terminal.configuration, {
    scope: 'model:gpt-4o-mini cap:chat',
  });
  return code;
}

async function press(owner: Owner, path: string, button: string, changes?: FormChanges): Promise<Page> {
  const { page } = await owner.press((await owner.open(path)).page, button, changes);
  if (page.status >= 400) throw new Error(`"${button}" of ${page.url.pathname} got ${page.status}: ${page.text}`);
  return page;
}

function findHref(page: Page, text: string): string {
  const link = page.document.querySelectorAll('main a').find((one) => one.text.includes(text));
  if (link === undefined) throw new Error(`there is no link "${text}": ${page.text}`);
  return link.getAttribute('href') ?? '';
}

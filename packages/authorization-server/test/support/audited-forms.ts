import { insertOperatorLink, setMayInvite, setOperator } from '@aipassport/store/authorization';
import { after, findAction, form, formLike, type Prepare, submit } from './audited-acts.js';
import { signInForms } from './audited-sign-ins.js';
import { Browser } from './browser.js';
import { addClient, appPathOf, buildRequest, connect } from './client.js';
import type { FormFields } from './http.js';
import { readLink, takeMail } from './mail-server.js';
import { clientPath, registerClient } from './own-client.js';
import { createOwner, getLastGrant, signIn } from './owner.js';
import { addTerminal, beginDevice, openConsent } from './terminal.js';

const ofClient =
  (part: string, fields: FormFields = {}): Prepare =>
  async (actor) => {
    const path = clientPath(await registerClient(actor.owner.browser));
    return form(part === '/edit' ? `${path}/edit` : path, `${path}${part}`, fields)(actor);
  };

const ofGrant =
  (part: string, fields: FormFields = {}): Prepare =>
  async (actor) => {
    await connectApp(actor);
    const path = `/account/grants/${(await getLastGrant(actor.server, actor.owner)).id}`;
    return form(part === '/limits' ? `${path}${part}` : path, `${path}${part}`, fields)(actor);
  };

async function connectApp({ server, owner }: Parameters<Prepare>[0]) {
  const client = await addClient(server);
  await connect(server, owner.browser, client, {}, { max_cost_usd: '2' });
  return client;
}

const ofAccount =
  (part: string, fields: FormFields = {}): Prepare =>
  async (actor) => {
    const path = `/operator/accounts/${(await createOwner(actor.server)).accountId}`;
    return form(path, `${path}${part}`, fields)(actor);
  };

export const consent =
  (decision: 'allow' | 'deny'): Prepare =>
  async ({ server, owner: { browser } }) => {
    const page = await browser.open((await buildRequest(server, await addClient(server))).url);
    return submit(browser, page, `${page.url.pathname}/consent`, { decision });
  };

export const deviceConsent =
  (decision: 'allow' | 'deny'): Prepare =>
  async ({ server, owner: { browser } }) => {
    const { user_code: code } = await beginDevice(server, await addTerminal(server));
    const page = await openConsent(browser, code);
    return submit(browser, page, `${page.url.pathname}/consent`, { decision });
  };

/** One of the changes that `/operator/change` makes. */
export function change(act: string, findSubject: (actor: Parameters<Prepare>[0]) => Promise<string>): Prepare {
  return async (actor) => {
    const query = new URLSearchParams({ act, subject: await findSubject(actor) });
    return form(`/operator/change?${query}`, '/operator/change')(actor);
  };
}

const key = (ending: string) =>
  form('/account/keys', '/account/keys', { upstream: 'openai', key: `sk-proj-of-this-test-0123456789-${ending}` });
const spareKey = after(
  key('abcd'),
  form('/account/keys', '/account/keys', {
    upstream: 'openai',
    key: 'sk-proj-of-this-test-0123456789-efgh',
    as_spare: 'yes',
  }),
);
const ofSpareKey =
  (act: string, fields: FormFields = {}): Prepare =>
  async ({ owner: { browser } }) => {
    const page = await browser.open('/account/keys');
    const first = findAction(page, '/first');
    return submit(browser, page, first.replace(/first$/, act), fields);
  };
const token = form('/account/tokens', '/account/tokens', {
  name: 'Script',
  lifetime_days: '7',
  permissions: ['manage'],
});

async function openInvitations({ inviting, owner }: Parameters<Prepare>[0], path: string) {
  await setMayInvite(inviting.db, owner.accountId, { mayInvite: true });
  const browser = new Browser(inviting.issuer);
  await signIn(browser, owner.email);
  return { browser, page: await browser.open(path) };
}

const invitation =
  (path: string): Prepare =>
  async (actor) => {
    const { browser, page } = await openInvitations(actor, path);
    return submit(browser, page, path, newInvitation);
  };

const withdrawal: Prepare = async (actor) => {
  const path = '/account/invitations';
  const { browser, page } = await openInvitations(actor, path);
  const made = await browser.submit(page, path, newInvitation);
  return submit(browser, made, findAction(made, '/withdraw'));
};

const newInvitation = { note: '', expires_in: '86400' };

/** Each form whose act is in the audit log, by its path in the specification. */
export const auditedForms: Readonly<Record<string, Prepare>> = {
  ...signInForms,
  '/account/developer/clients/new': form('/account/developer/clients/new', '/account/developer/clients/new', {
    name: 'My App',
    site: '',
    redirect_uris: 'https://app.example/callback',
    type: 'web',
  }),
  '/account/developer/clients/{client_id}/edit': ofClient('/edit', {
    name: 'Other',
    redirect_uris: 'https://app.example/callback',
  }),
  '/account/developer/clients/{client_id}/secret': ofClient('/secret', { overlap: '0' }),
  '/account/developer/clients/{client_id}/end-secrets': async (actor) => {
    const { browser } = actor.owner;
    const path = clientPath(await registerClient(browser));
    await browser.submit(await browser.open(path), `${path}/secret`, { overlap: '3600' });
    return form(path, `${path}/end-secrets`, { asked: 'yes' })(actor);
  },
  '/account/developer/clients/{client_id}/delete': ofClient('/delete', { asked: 'yes' }),
  '/account/apps/{app_id}/remove': async (actor) => formLike(appPathOf(await connectApp(actor)), '/remove')(actor),
  '/account/remove-all': async (actor) => {
    await connectApp(actor);
    return form('/account/remove-all', '/account/remove-all')(actor);
  },
  '/account/grants/{grant_id}/limits': ofGrant('/limits', { max_cost_usd: '1' }),
  '/account/grants/{grant_id}/revoke': ofGrant('/revoke'),
  '/account/keys': key('abcd'),
  '/account/keys/{upstream}/delete': after(
    key('abcd'),
    form('/account/keys', '/account/keys/openai/delete', { asked: 'yes' }),
  ),
  '/account/keys/spare/{key_id}/first': after(spareKey, ofSpareKey('first')),
  '/account/keys/spare/{key_id}/delete': after(spareKey, ofSpareKey('delete', { asked: 'yes' })),
  '/account/activity/export': form('/account/activity', '/account/activity/export', { format: 'csv' }),
  '/account/export': form('/account/export', '/account/export'),
  '/account/deletion': (actor) => form('/account/deletion', '/account/deletion', { email: actor.owner.email })(actor),
  '/account/invitations': invitation('/account/invitations'),
  '/account/invitations/{id}/withdraw': withdrawal,
  '/account/tokens': token,
  '/account/tokens/{token_id}/remove': after(token, formLike('/account/tokens', '/remove')),
  '/account/email/notices': form('/account/email', '/account/email/notices', { notices: [] }),
  '/account/email/confirm': async ({ owner: { browser, email }, mailServer }) => {
    const page = await browser.open(readLink(await takeMail(mailServer, email, 'Confirm your email address')));
    return submit(browser, page, '/account/email/confirm');
  },
  '/account/settings/limit': form('/account/settings', '/account/settings/limit', { max_cost_usd_per_month: '3' }),
  '/account/settings/defaults': form('/account/settings', '/account/settings/defaults', {
    max_cost_usd: '3',
    lifetime_seconds: '',
  }),
  '/account/settings/time-zone': form('/account/settings', '/account/settings/time-zone', {
    time_zone: 'Asia/Kolkata',
  }),
  '/operator/claim': async ({ server, owner: { browser, accountId } }) => {
    await setOperator(server.db, accountId, false);
    const code = await insertOperatorLink(server.db, { expiresInSeconds: 3_600, isForFirst: false });
    return submit(browser, await browser.open(`/operator/claim?code=${code}`), '/operator/claim');
  },
  '/operator/keys/caps': form('/operator/keys', '/operator/keys/caps', {
    cap_of_all_usd: '9',
    cap_of_account_usd: '3',
  }),
  '/operator/accounts/{account_id}/cap': ofAccount('/cap', { cap_usd: '3' }),
  '/operator/accounts/{account_id}/reset-link': ofAccount('/reset-link'),
  '/operator/invitations': invitation('/operator/invitations'),
  '/operator/change': change('disable_account', async ({ server }) => (await createOwner(server)).accountId),
  '/operator/audit/export': form('/operator/audit', '/operator/audit/export', { format: 'csv' }),
  '/interaction/{uid}/consent': consent('allow'),
  '/device/{code}/consent': deviceConsent('allow'),
};

/** A provider key that replaces the stored one. */
export const replacedKey = after(key('abcd'), key('wxyz'));
/** A provider key that is added after the stored one. */
export const addedSpareKey = spareKey;

import { hashSecret, makeSecret } from '@aipassport/store';
import {
  deleteOwnedClient,
  endPreviousSecrets,
  type ManagedClientKey,
  rotateClientSecret,
} from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { type Notices, takeFixedNotice } from '../account/notices.js';
import { askOnceMore, isAsked } from '../account/question.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { describeSignedIn } from '../account/require-owner.js';
import { keepSecret, takeSecret } from '../account/secret-cookies.js';
import { isOutOfDate, outOfDate } from '../account/shown-values.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderClientPage } from '../pages/client-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { describeClient } from './client-entry.js';
import { type OwnClient, requireClientForm, requireOwnClient } from './require-developer.js';
import { findShownGrants } from './shown-owners.js';
import { writeSnippets } from './snippets/write-snippets.js';

/** A CSRF token is valid for one client only, so that a form cannot change another client. */
const purposeOf = (clientId: string) => `developer-client:${clientId}`;

const notices: Notices = {
  registered: 'clients.registered',
  changed: 'clients.changed',
  approval_ended: 'clients.changedUnverified',
  rotated: 'clients.rotated',
  ended: 'clients.ended',
};

/** `GET /account/developer/clients/:client_id`. A new secret is shown once. */
export async function showClient(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const own = await requireOwnClient(deps, ctx, clientId);
  if (own === undefined) return;
  const [ofClient, newSecret] = takeSecret(deps, ctx, 'newClientSecret')?.split('.') ?? [];
  renderClient(deps, ctx, {
    ...own,
    newSecret: ofClient === clientId ? newSecret : undefined,
    notice: takeFixedNotice(deps, ctx, notices),
    problems: [],
  });
}

/** `POST /account/developer/clients/:client_id/secret`: makes a new secret. The old one works for the chosen time. */
export async function submitRotation(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const sent = await requireClientForm(deps, ctx, { clientId, purpose: purposeOf(clientId), act: 'clients.rotate' });
  if (sent === undefined) return;
  const { form, ...own } = sent;
  const overlap = fieldText(form, 'overlap');
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    renderClient(deps, ctx, { ...own, overlap, confirms: 'rotation', problems: [problem] });
  };
  if (findInvalidFields(deps.forms.secretRotation, form).length > 0) return refuse(chooseOverlap);
  // without an overlap, the form of an outdated page would end a newer secret that the developer has not seen
  if (Number(overlap) === 0 && isOutOfDate(form, own.client.secretVersion)) return refuse(outOfDate);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: own.owner, question: 'clients.confirmRotation' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const key = { accountId: own.owner.accountId, clientId };
  const result = await rotateSecret(deps, key, Number(overlap));
  if (result === 'too_many') return refuse(tooManySecrets);
  if (result === 'unknown') throw new Denied({ reason: 'path_unknown' });
  keepSecret(deps, ctx, 'newClientSecret', `${clientId}.${result.secret}`);
  redirectWithNotice(deps, ctx, { path: formatPath(paths.developerClient, clientId), done: 'rotated' });
}

/**
 * Makes a new secret for a client.
 * @returns SECRET: the new secret. `too_many`: too many previous secrets still work. `unknown`: there is no such
 * client, or the client has no secret
 */
export async function rotateSecret(
  { db }: Pick<Dependencies, 'db'>,
  key: ManagedClientKey,
  overlapSeconds: number,
): Promise<{ readonly secret: string } | 'too_many' | 'unknown'> {
  const secret = makeSecret();
  const result = await rotateClientSecret(db, key, { secretHash: hashSecret(secret), overlapSeconds });
  return result === 'rotated' ? { secret } : result;
}

const chooseOverlap: Problem = { field: 'overlap', message: message('clients.chooseOverlap') };
export const tooManySecrets: Problem = { field: 'overlap', message: message('clients.tooManySecrets') };

/** `POST /account/developer/clients/:client_id/end-secrets`: the previous secrets stop working at once. */
export async function submitEndSecrets(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const sent = await requireClientForm(deps, ctx, {
    clientId,
    purpose: purposeOf(clientId),
    act: 'clients.endPrevious',
  });
  if (sent === undefined) return;
  const { form, ...own } = sent;
  if (isOutOfDate(form, own.client.previousSecretsEndAt)) {
    markRefused(ctx, 'form_invalid');
    return renderClient(deps, ctx, { ...own, problems: [outOfDate] });
  }
  if (!isAsked(form)) return askAboutSecrets(deps, ctx, own);
  await endPreviousSecrets(deps.db, { accountId: own.owner.accountId, clientId });
  redirectWithNotice(deps, ctx, { path: formatPath(paths.developerClient, clientId), done: 'ended' });
}

/** `POST /account/developer/clients/:client_id/delete`: deletes the client, and ends all access that it has. */
export async function submitClientDeletion(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const sent = await requireClientForm(deps, ctx, {
    clientId,
    purpose: purposeOf(clientId),
    act: 'clients.deleteTitle',
  });
  if (sent === undefined) return;
  const { form, ...own } = sent;
  const { owner, client } = own;
  if (!isAsked(form)) return askAboutDeletion(deps, ctx, { ...own, name: '', problems: [] });
  const name = fieldText(form, 'name').trim();
  const isNamed = findShownGrants(client.usage) === 0 || name === client.name;
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'clients.confirmDeletion' });
  const problems = [isNamed ? undefined : wrongName, unconfirmed].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    markRefused(ctx, 'form_invalid');
    return askAboutDeletion(deps, ctx, { ...own, name, problems });
  }
  if (!(await deleteOwnedClient(deps.db, { accountId: owner.accountId, clientId })))
    throw new Denied({ reason: 'path_unknown' });
  redirectWithNotice(deps, ctx, { path: paths.developerClients, done: 'deleted' });
}

const wrongName: Problem = { field: 'name', message: message('clients.wrongName') };

interface AskedDeletion extends OwnClient {
  /** The name that was typed. */
  readonly name: string;
  readonly problems: readonly Problem[];
}

/**
 * An app that other people may have connected is deleted only if its name is typed, because they lose their access.
 */
function askAboutDeletion(deps: Dependencies, ctx: Context, { owner, client, name, problems }: AskedDeletion): void {
  const count = findShownGrants(client.usage);
  const connections =
    count === undefined ? message('clients.deleteFewConnections') : message('clients.deleteConnections', { count });
  askOnceMore(deps, ctx, {
    owner,
    current: 'settings',
    purpose: purposeOf(client.id),
    title: 'clients.deleteTitle',
    subject: client.name,
    effects: [connections, message('clients.deleteForEver')],
    submit: 'clients.delete',
    back: formatPath(paths.developerClient, client.id),
    typedName: count === 0 ? undefined : { text: name },
    problems,
  });
}

function askAboutSecrets(deps: Dependencies, ctx: Context, { owner, client }: OwnClient): void {
  askOnceMore(deps, ctx, {
    owner,
    current: 'settings',
    purpose: purposeOf(client.id),
    title: 'clients.endPreviousTitle',
    subject: client.name,
    effects: [message('clients.endPreviousAbout', { count: client.previousSecretsEndAt.length })],
    submit: 'clients.endPrevious',
    back: formatPath(paths.developerClient, client.id),
    shown: { values: client.previousSecretsEndAt },
    problems: [],
  });
}

interface ClientView extends OwnClient {
  /** SECRET. The secret that was just made. */
  readonly newSecret?: string | undefined;
  /** When the form is shown again: the chosen time, in seconds, for which the old secret is to work. */
  readonly overlap?: string;
  /** The form that asks for the password. */
  readonly confirms?: 'rotation';
  readonly notice?: FixedId | undefined;
  readonly problems: readonly Problem[];
}

function renderClient(deps: Dependencies, ctx: Context, { owner, client, ...view }: ClientView): void {
  const { issuer, resourceProxyUrl } = deps.configuration;
  const entry = describeClient(client);
  ctx.type = 'html';
  ctx.body = renderClientPage({
    newSecret: undefined,
    overlap: '86400',
    confirms: undefined,
    notice: undefined,
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    script: allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purposeOf(client.id)),
    timeZone: owner.timeZone,
    client,
    entry,
    snippets: writeSnippets({
      issuer,
      resourceProxyUrl,
      clientId: client.id,
      hasSecret: client.hasSecret,
      redirectUri: client.type === 'terminal' ? undefined : entry.redirectUris[0],
    }),
  });
}

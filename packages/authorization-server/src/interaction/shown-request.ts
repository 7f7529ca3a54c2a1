import { createHash } from 'node:crypto';
import { type Client, findClient, type OwnerSession } from '@aipassport/store/authorization';
import { listConfirmWays } from '../account/require-owner.js';
import { signInPath } from '../account/return-to.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import { formActionSource } from '../middleware/form-action-source.js';
import { issueFormToken } from '../middleware/form-token.js';
import { type ChangedGrant, type ConsentRequest, interactionOver } from '../oidc/interactions.js';
import { allowScript } from '../pages/page-script.js';
import { listClientLinks } from './client-links.js';
import { describeApp } from './describe-app.js';
import { listKeyStates } from './list-key-states.js';

/** @throws Denied when the request began under another account than the one that is signed in now */
export function requireSameAccount({ accountId }: ConsentRequest, owner: OwnerSession): void {
  if (accountId === owner.accountId) return;
  throw new Denied({ reason: 'account_changed' });
}

/** @throws Denied when the client has been deleted or blocked in the meantime */
export async function getClient({ db }: Pick<Dependencies, 'db'>, { clientId }: ConsentRequest): Promise<Client> {
  const client = await findClient(db, clientId);
  if (client === undefined || client.isBlocked) throw interactionOver();
  return client;
}

/**
 * A hash of the request as the page showed it. The client's logo and the links to its pages are left out, because they
 * do not affect the decision. The form sends the hash back, so that the owner decides on exactly the request that was
 * shown.
 */
export function hashShownRequest(consent: ConsentRequest, client: Client): string {
  const { uid, accountId, clientId, destination, request } = consent;
  const { tokens, choosable, limits, lifetimeSeconds, reason } = request;
  const shown = [
    uid,
    accountId,
    clientId,
    client.name,
    destination.kind === 'redirect' ? destination.redirectUri : destination,
    tokens,
    formatLimitTexts(limits),
    lifetimeSeconds ?? null,
    reason ?? null,
    // An approval is part of the hash, because the page shows the app as verified and the operator may withdraw the
    // approval. The operator's own apps are always verified. Without an approval, the previous release makes the same
    // hash.
    ...(client.isApproved ? ['verified'] : []),
    // Scope tokens to choose from are added only if there are any. For other requests, release 1 makes the same hash.
    ...(choosable.length > 0 ? [choosable] : []),
    ...(consent.changed === undefined ? [] : [describeChanged(consent.changed)]),
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url');
}

/** The grant as the page shows it. Its usage is left out, because it may change while the owner reads. */
function describeChanged({ action, grant }: ChangedGrant): readonly unknown[] {
  return [action, grant.id, grant.storedScope, formatLimitTexts(grant.limits), grant.expiresAt.getTime()];
}

export function consentPurpose({ uid }: Pick<ConsentRequest, 'uid'>): string {
  return `consent:${uid}`;
}

/**
 * Describes the request and its client, as the pages on which the owner decides show them. Also allows the page's form
 * to lead to the client (CSP `form-action`), and the page's script to run.
 * @throws Denied when the client has been deleted or blocked meanwhile
 */
export async function describeShownRequest(
  deps: Dependencies,
  ctx: Context,
  consent: ConsentRequest,
  owner: OwnerSession,
) {
  const client = await getClient(deps, consent);
  const logos = await deps.logos.find([client.id], owner.accountId);
  const { action, summaryAction, destination, returnPath } = consent;
  const confirmWays = listConfirmWays(deps, ctx, owner);
  ctx.state.formActions = destination.kind === 'redirect' ? [formActionSource(destination.redirectUri)] : [];
  return {
    stylesheet: deps.stylesheet,
    script: allowScript(ctx, deps.scripts.consent),
    texts: ctx.state.texts,
    csrfToken: issueFormToken(deps, ctx, consentPurpose(consent)),
    requestHash: hashShownRequest(consent, client),
    action,
    summaryAction,
    email: owner.email,
    timeZone: owner.timeZone,
    logo: logos.get(client.id),
    destination,
    ...describeApp(client, destination),
    // After a sign-in to another account, this path leads back to this request.
    otherAccountPath: signInPath(returnPath, 'other'),
    returnPath,
    confirmWays,
    keyStates: await listKeyStates(deps, owner),
    links: listClientLinks(client.metadata),
    upstreams: deps.configuration.models.upstreams,
  };
}

import { createHash } from 'node:crypto';
import { type Client, findClient, type OwnerSession } from '@aipassport/store/authorization';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import { interactionOver, type PendingInteraction } from '../oidc/interactions.js';

/** @throws Denied when the request began under another account than the one that is signed in now */
export function requireSameAccount(interaction: PendingInteraction, owner: OwnerSession): void {
  if (interaction.accountId === owner.accountId) return;
  throw new Denied({ reason: 'account_changed' });
}

/** @throws Denied when the client has been deleted meanwhile */
export async function getClient({ db }: Pick<Dependencies, 'db'>, { clientId }: PendingInteraction): Promise<Client> {
  const client = await findClient(db, clientId);
  if (client === undefined) throw interactionOver();
  return client;
}

/**
 * A hash of everything that the page showed. The form sends it back, so the decision is about exactly what was shown.
 */
export function hashShownRequest(interaction: PendingInteraction, client: Client): string {
  const { uid, accountId, clientId, redirectUri, request } = interaction;
  const { tokens, choosable, limits, lifetimeSeconds, reason } = request;
  const shown = [
    uid,
    accountId,
    clientId,
    client.name,
    redirectUri,
    tokens,
    formatLimitTexts(limits),
    lifetimeSeconds ?? null,
    reason ?? null,
    // Added only where there is something to choose: servers of release 1 hash the other members in the same way.
    ...(choosable.length > 0 ? [choosable] : []),
  ];
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url');
}

export function consentPurpose({ uid }: Pick<PendingInteraction, 'uid'>): string {
  return `consent:${uid}`;
}

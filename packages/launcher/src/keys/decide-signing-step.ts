import { accessTokenLifetimeSeconds } from '@aipassport/authorization-server/operating';
import type { JWK } from 'jose';

/** SECRET. A signing key in its file, with what its rotation has to remember (instants in ISO 8601). */
export interface StoredSigningKey extends JWK {
  readonly published_at?: string;
  readonly signing_since?: string;
}

/** Resource proxies look for new keys after ten minutes at the latest, and so do the libraries of clients. */
export const publishedSeconds = 15 * 60;
/** What the old key has signed has expired by then, whatever the clocks say. */
export const retiringSeconds = accessTokenLifetimeSeconds + 5 * 60;

export type SigningStep =
  /** A new key is to be made and published; the old one goes on signing. */
  | { readonly step: 'publish' }
  /** The newest key is to sign. */
  | { readonly step: 'sign'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  /** Since when the first key signs is not known: that is to be noted. */
  | { readonly step: 'note'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  /** All but the key that signs are to go. */
  | { readonly step: 'retire'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  | { readonly step: 'wait'; readonly until: Date; readonly next: 'sign' | 'retire' };

/**
 * What a rotation of the signing key has to do now, told from its file alone.
 * @param keys the first signs; there is one at least
 */
export function decideSigningStep(keys: readonly StoredSigningKey[], now: Date): SigningStep {
  const [first, ...rest] = keys;
  if (first === undefined || rest.length === 0) return { step: 'publish' };
  const newest = keys.reduce((one, other) => (publishedAt(other) > publishedAt(one) ? other : one));
  if (newest !== first) {
    const until = addSeconds(publishedAt(newest), publishedSeconds);
    const others = keys.filter((key) => key !== newest);
    return until > now ? { step: 'wait', until, next: 'sign' } : { step: 'sign', key: newest, others };
  }
  if (first.signing_since === undefined) return { step: 'note', key: first, others: rest };
  const until = addSeconds(Date.parse(first.signing_since), retiringSeconds);
  return until > now ? { step: 'wait', until, next: 'retire' } : { step: 'retire', key: first, others: rest };
}

/** The first key of a deployment was published before anybody asked. */
function publishedAt({ published_at: instant }: StoredSigningKey): number {
  return instant === undefined ? 0 : Date.parse(instant);
}

function addSeconds(epochMilliseconds: number, seconds: number): Date {
  return new Date(epochMilliseconds + seconds * 1_000);
}

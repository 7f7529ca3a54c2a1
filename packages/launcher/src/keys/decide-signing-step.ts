import { accessTokenLifetimeSeconds } from '@aipassport/authorization-server/operating';
import type { JWK } from 'jose';

/** SECRET. A signing key as its file stores it, with the instants that its rotation needs (in ISO 8601). */
export interface StoredSigningKey extends JWK {
  readonly published_at?: string;
  readonly signing_since?: string;
}

/**
 * A new signing key is published for this long before it signs. Resource proxies and the libraries of clients look for
 * new keys after ten minutes at the latest.
 */
export const publishedSeconds = 15 * 60;
/**
 * The old signing key stays published for this long after the new one has begun to sign. Everything that the old key
 * has signed has expired by then, even if the clocks differ.
 */
export const retiringSeconds = accessTokenLifetimeSeconds + 5 * 60;

export type SigningStep =
  /** Make and publish a new signing key. The old one continues to sign. */
  | { readonly step: 'publish' }
  /** Sign with the newest signing key. */
  | { readonly step: 'sign'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  /** The file does not say since when the first signing key signs. Write the current time to the file. */
  | { readonly step: 'note'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  /** Remove every signing key except the one that signs. */
  | { readonly step: 'retire'; readonly key: StoredSigningKey; readonly others: readonly StoredSigningKey[] }
  | { readonly step: 'wait'; readonly until: Date; readonly next: 'sign' | 'retire' };

/**
 * Decides the next step of a rotation of the signing key, only from the keys in its file and the present time.
 *
 * @param keys the first one signs; there is at least one
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

/** A signing key without `published_at` is the first one of its deployment, which was published long ago. */
export function publishedAt({ published_at: instant }: StoredSigningKey): number {
  return instant === undefined ? 0 : Date.parse(instant);
}

function addSeconds(epochMilliseconds: number, seconds: number): Date {
  return new Date(epochMilliseconds + seconds * 1_000);
}

import { createHash } from 'node:crypto';

/**
 * The identifier of an app in the URLs of an owner's pages. A client's own identifier may be a long URL with
 * slashes, so the pages use a hash of it.
 */
export function deriveAppId(clientId: string): string {
  return createHash('sha256').update(`app:${clientId}`).digest('base64url').slice(0, 22);
}

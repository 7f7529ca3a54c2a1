import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { listWebOrigins } from './list-web-origins.js';

/** A browser may call on behalf of a client only from an origin of that same client. */
export function mayCallFromOrigin(_ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  return listWebOrigins(client.redirectUris ?? []).includes(origin);
}

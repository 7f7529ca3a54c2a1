import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { listWebOrigins } from './list-web-origins.js';

/** A browser may only call for a client from where that very client lives. */
export function mayCallFromOrigin(_ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  return listWebOrigins(client.redirectUris ?? []).includes(origin);
}

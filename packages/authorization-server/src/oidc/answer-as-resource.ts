import type { Provider } from 'oidc-provider';
import type { Context } from '../context.js';
import type { Denial } from '../denials/denial.js';
import { describeDenial } from '../denials/describe-denial.js';
import { listWebOrigins } from './list-web-origins.js';

/** Refuses a request to a resource of this server itself, with a JSON body and the challenge of RFC 6750 section 3. */
export function refuseAccess(ctx: Context, denial: Denial): void {
  const { status, code, message, challenge } = describeDenial(denial);
  ctx.status = status;
  // The answer says nothing about an owner, so it is not checked here whether the origin belongs to the client.
  // `allow-origins.ts` removes this header for origins that are not registered.
  if (ctx.get('Origin') !== '') ctx.set('Access-Control-Allow-Origin', ctx.get('Origin'));
  if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
  ctx.body = { error: code, error_description: message };
}

/** Lets a web page of the client read the answer, if the request comes from one. */
export async function allowOriginOfClient(provider: Provider, ctx: Context, clientId = ''): Promise<void> {
  const client = await provider.Client.find(clientId);
  const origin = ctx.get('Origin');
  if (listWebOrigins(client?.redirectUris ?? []).includes(origin)) ctx.set('Access-Control-Allow-Origin', origin);
}

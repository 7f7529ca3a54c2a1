import { readReason, readReturnTo } from '../account/return-to.js';
import { queryText } from '../account/sign-in.js';
import { findTimeZone } from '../account/time-zones.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { sendToProvider } from './send-to-provider.js';

/** `GET /account/identities/:provider/start`: begins a sign-in at an identity provider. */
export async function startIdentitySignIn(deps: Dependencies, ctx: Context, name: string): Promise<void> {
  const provider = deps.identityClients.getProvider(name);
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  const purpose = readReason((name) => queryText(ctx, name)) ?? 'sign_in';
  const timeZone = findTimeZone(queryText(ctx, 'time_zone'));
  await sendToProvider(deps, ctx, { provider, returnTo, purpose, timeZone });
}

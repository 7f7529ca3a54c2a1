import type { LimitLine } from '../../browser/chat-event.js';
import { callWithAccessToken } from '../oauth/call-with-access-token.js';
import type { Connection } from '../oauth/connection.js';
import { readRefusal } from '../refusal/read-refusal.js';
import type { ChatDependencies } from './chat-dependencies.js';
import { describeLimits } from './describe-limits.js';
import { getGrant } from './get-grant.js';

export type Access =
  | { readonly state: 'live'; readonly limits: readonly LimitLine[] }
  | { readonly state: 'ended' }
  /** The proxy gave no usable answer. The page is shown without the limits: they are only for display. */
  | { readonly state: 'unknown' };

/** Fetches the remaining limits from the proxy. Renews the access token first if it is about to expire. */
export async function findAccess(deps: ChatDependencies, connection: Connection): Promise<Access> {
  try {
    const grant = await callWithAccessToken(deps.client, connection, (accessToken) =>
      getGrant(deps.resourceProxyUrl, accessToken),
    );
    return { state: 'live', limits: describeLimits(grant, new Date()) };
  } catch (error) {
    const { reason } = readRefusal(error);
    deps.log('grant_unknown', { reason });
    return { state: reason === 'access_ended' ? 'ended' : 'unknown' };
  }
}

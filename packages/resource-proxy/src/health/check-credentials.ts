import { type Check, type Finding, failedCheck, passedCheck } from '@aipassport/contracts';
import type { Logger } from 'pino';
import type { AuthorizationServer } from '../introspection/authorization-server.js';

export interface CredentialsCheck {
  readonly authorizationServer: Pick<AuthorizationServer, 'checkCredentials'>;
  /** Whether the issuer's signing keys are known, so that tokens can be verified while the issuer is unreachable. */
  readonly hasSigningKeys: () => boolean;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * The minimum time between a failed check and the next check. The authorization server limits how often a wrong secret
 * may be sent, and each check of an unreachable authorization server delays a health probe.
 */
const pauseMilliseconds = 3_000;

const refused = failedCheck(
  'the authorization server refuses the credentials of this proxy: see PROXY_CLIENT_ID and PROXY_CLIENT_SECRET',
);
const unreachableWithKeys: Finding = {
  ok: true,
  message: 'the authorization server cannot be reached: tokens are verified by their signature and the database only',
};
const unreachable = failedCheck('the authorization server cannot be reached');

/** Whether the authorization server accepts this proxy's credentials for introspection. */
export function createCredentialsCheck({ authorizationServer, hasSigningKeys, now, log }: CredentialsCheck): Check {
  let last: 'accepted' | 'refused' | 'unreachable' = 'accepted';
  let askAgainAt = Number.NEGATIVE_INFINITY;
  const describe = (): Finding => {
    if (last === 'refused') return refused;
    if (last === 'unreachable') return hasSigningKeys() ? unreachableWithKeys : unreachable;
    return passedCheck;
  };
  return async () => {
    if (last !== 'accepted' && now() < askAgainAt) return describe();
    // After a refusal, the check keeps failing until the credentials are accepted. Another failure after a refusal may
    // only mean that the rate limit for wrong secrets was reached.
    const otherwise = last === 'refused' ? 'refused' : 'unreachable';
    const answer = await authorizationServer.checkCredentials().catch(() => otherwise);
    if (answer === 'refused' && last !== 'refused')
      log.error(
        { event: 'introspection_refused' },
        'the authorization server refuses our client credentials: no request is served until PROXY_CLIENT_ID and PROXY_CLIENT_SECRET are correct',
      );
    last = answer;
    askAgainAt = now() + pauseMilliseconds;
    return describe();
  };
}

import type { Log } from '../log.js';
import type { OAuthClient } from '../oauth/oauth-client.js';

/** The dependencies of the functions that answer a question. */
export interface ChatDependencies {
  readonly client: OAuthClient;
  readonly resourceProxyUrl: string;
  readonly issuer: string;
  readonly log: Log;
}

import type { Readiness } from '@aipassport/contracts';
import type { Database } from '@aipassport/store';
import type { Logger } from 'pino';
import type { Passwords } from './account/passwords.js';
import type { Configuration } from './configuration.js';
import type { Forms } from './forms.js';
import type { SealingKey } from './keys/parse-sealing-key.js';
import type { AuthorizationProvider } from './oidc/create-provider.js';
import type { Stylesheet } from './pages/stylesheet.js';

/** What the whole server works with; `main.ts` makes the outside of it. */
export interface Foundation {
  readonly configuration: Configuration;
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => Date;
  readonly stylesheet: Stylesheet;
  /** The key that provider keys are sealed to now: it changes when it is rotated. */
  readonly readSealingKey: () => SealingKey;
  /** Called when a request fails because something that all requests need is unavailable. */
  readonly readiness: Pick<Readiness, 'doubt'>;
}

/** What the pages work with besides. */
export interface Dependencies extends Foundation {
  readonly provider: AuthorizationProvider;
  readonly passwords: Passwords;
  readonly forms: Forms;
}

import type { Passwords } from './account/passwords.js';
import type { Bodies } from './api/bodies.js';
import type { DeveloperDocuments } from './developers/developer-documents.js';
import type { Logos } from './documents/logos.js';
import type { Forms } from './forms.js';
import type { Foundation } from './foundation.js';
import type { IdentityClients } from './identity/identity-clients.js';
import type { AuthorizationProvider } from './oidc/engine/authorization-provider.js';

/** The foundation, and the objects that the pages and the JSON API use in addition. */
export interface Dependencies extends Foundation {
  readonly bodies: Bodies;
  readonly provider: AuthorizationProvider;
  readonly passwords: Passwords;
  readonly forms: Forms;
  readonly logos: Logos;
  readonly documents: DeveloperDocuments;
  readonly identityClients: IdentityClients;
}

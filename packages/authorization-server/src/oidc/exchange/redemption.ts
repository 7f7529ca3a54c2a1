import type { Database } from '@aipassport/store';
import type { ArtifactKey } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * oidc-provider's own handler of a grant type. It validates the request, marks the code or token as consumed, and
 * issues tokens. Our code does not depend on the order of these steps.
 */
export type GrantHandler = () => Promise<void>;

/** One redemption of a code, a device code or a refresh token, in its transaction. */
export interface Redemption {
  readonly ctx: KoaContextWithOIDC;
  readonly transaction: Database;
  readonly key: ArtifactKey;
  /** SECRET: the code, the device code or the refresh token. */
  readonly secret: string;
  readonly handle: GrantHandler;
}

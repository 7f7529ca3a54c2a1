import { type AccessProposal, ClientApp, type Tokens } from './client-app.js';
import { password as usualPassword } from './create-account.js';
import type { Deployment } from './deployment.js';
import { Owner } from './owner.js';
import type { FormChanges } from './page.js';

let created = 0;

/** Creates an account and returns its owner, who is signed in. */
export async function createOwner({ issuer }: Pick<Deployment, 'issuer'>, password = usualPassword): Promise<Owner> {
  const owner = new Owner(issuer, { email: `owner-${++created}@example.org`, password });
  const { page } = await owner.createAccount();
  if (page.status !== 200) throw new Error(`no account was created: ${page.status} ${page.text}`);
  return owner;
}

/** The result of an authorization that the owner allowed. */
export interface Connection {
  readonly owner: Owner;
  readonly client: ClientApp;
  readonly tokens: Tokens;
  /** SECRET. Given to the provider's SDK as its API key. */
  readonly accessToken: string;
  readonly grantId: string;
}

/** Runs a whole authorization, from the app's request to its tokens. */
export async function connect(
  deployment: Pick<Deployment, 'issuer'>,
  options: {
    readonly owner?: Owner;
    readonly client?: ClientApp;
    readonly scope?: string;
    readonly proposal?: AccessProposal;
    readonly changes?: FormChanges;
  } = {},
): Promise<Connection> {
  const owner = options.owner ?? (await createOwner(deployment));
  const client = options.client ?? (await ClientApp.register(deployment));
  const authorization = await client.beginAuthorization(
    options.scope ?? 'model:gpt-4o-mini cap:chat',
    options.proposal,
  );
  const callback = await owner.allow(authorization.url, options.changes);
  const tokens = await client.finishAuthorization(authorization, callback);
  return { owner, client, tokens, accessToken: tokens.access_token, grantId: readClaims(tokens.access_token).grant_id };
}

export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly scope: string;
  readonly grant_id: string;
  readonly authorization_details: readonly Readonly<Record<string, unknown>>[];
}

/** Reads the claims of an access token without checking its signature. */
export function readClaims(accessToken: string): AccessTokenClaims {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as AccessTokenClaims;
}

import { interactionPolicy, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { type BareProvider, startBareProvider } from './bare-provider.js';

const clientId = 'aipassport';
export const identityClientSecret = 'canary-secret-at-the-identity-provider-0123456789';

/** A person at the identity provider. */
export interface Person {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** Another server at which owners can sign in: oidc-provider over HTTP, where the test chooses the person. */
export interface TestIdentityProvider {
  readonly url: string;
  /** The entry of `IDENTITY_PROVIDERS_FILE`. */
  readonly entry: {
    readonly name: string;
    readonly label: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Registers this redirect URI, and the only secret that is accepted from now on. */
  readonly register: (redirectUri: string, secret?: string) => void;
  /** The person who signs in next. If it is undefined, the next sign-in is refused. */
  person: Person | undefined;
  /**
   * Acts at the provider as the browser would.
   * @returns the URL to which the browser is sent back
   */
  readonly visit: (url: URL) => Promise<URL>;
  readonly close: () => Promise<void>;
}

/**
 * @param name the name in its entry of `IDENTITY_PROVIDERS_FILE`
 * @param emailIn where the provider states the person's e-mail address
 */
export async function startIdentityProvider(
  name: string,
  emailIn: 'id_token' | 'userinfo' = 'userinfo',
): Promise<TestIdentityProvider> {
  const people = new Map<string, Person>();
  const bare: BareProvider = await startBareProvider({
    configuration: {
      clients: [],
      conformIdTokenClaims: emailIn === 'userinfo',
      features: { resourceIndicators: { enabled: false } },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], auth_time: null },
      findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...(people.get(sub) ?? { sub }) }) }),
      interactions: {
        policy: interactionPolicy.base(),
        url: (_ctx, { uid }) => `/interaction/${uid}`,
      },
    },
    prepare: (provider) => provider.use((ctx, next) => answer(provider, ctx as KoaContextWithOIDC, next)),
  });
  const idp: TestIdentityProvider = {
    url: bare.url,
    entry: { name, label: 'Elsewhere', issuer: bare.url, clientId, clientSecret: identityClientSecret },
    register: (redirectUri, secret = identityClientSecret) =>
      bare.rows.set(`Client:${clientId}`, {
        client_id: clientId,
        client_secret: secret,
        redirect_uris: [redirectUri],
      }),
    person: undefined,
    visit: async (url) => (await bare.newBrowser().open(url)).url,
    close: bare.close,
  };
  return idp;

  async function answer(provider: Provider, ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const { person } = idp;
    if (person !== undefined) people.set(person.sub, person);
    const result =
      person === undefined
        ? { error: 'access_denied' }
        : prompt.name === 'login'
          ? { login: { accountId: person.sub } }
          : { consent: { grantId: await allow(provider, session?.accountId ?? '') } };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  }
}

async function allow(provider: Provider, accountId: string): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope('openid email');
  return grant.save();
}

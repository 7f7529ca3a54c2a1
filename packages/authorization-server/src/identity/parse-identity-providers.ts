import { ConfigurationError, isLoopbackHost } from '@aipassport/contracts';

/** Another server at which owners can sign in (OpenID Connect). */
export interface IdentityProvider {
  /** The operator must not change it, because it is in the redirect URI that is registered at the provider. */
  readonly name: string;
  /** The name that pages show. */
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  /** SECRET: never logged. */
  readonly clientSecret: string;
}

const namePattern = /^[a-z][a-z0-9-]{0,29}$/;

/**
 * Parses `IDENTITY_PROVIDERS_FILE`: a list of objects with `name`, `label`, `issuer`, `client_id` and `client_secret`.
 * @throws ConfigurationError that says what is wrong, and contains no value of the file
 */
export function parseIdentityProviders(json: unknown): readonly IdentityProvider[] {
  if (!Array.isArray(json)) throw new ConfigurationError('must be a JSON array');
  const providers = json.map((entry: unknown, index) => parseProvider(entry, `entry ${index}`));
  const names = new Set(providers.map(({ name }) => name));
  const issuers = new Set(providers.map(({ issuer }) => issuer));
  if (names.size !== providers.length || issuers.size !== providers.length)
    throw new ConfigurationError('two entries have the same name or the same issuer');
  return providers;
}

function parseProvider(entry: unknown, where: string): IdentityProvider {
  if (typeof entry !== 'object' || entry === null) throw new ConfigurationError(`${where} must be an object`);
  const members = new Map<string, unknown>(Object.entries(entry));
  const read = (member: string, isValid: (text: string) => boolean): string => {
    const value = members.get(member);
    if (typeof value !== 'string' || !isValid(value)) throw new ConfigurationError(`${where}: ${member} is not valid`);
    return value;
  };
  const isFilled = (text: string) => text.length > 0 && text.length <= 500;
  return {
    name: read('name', (text) => namePattern.test(text)),
    label: read('label', (text) => isFilled(text) && text.length <= 60),
    issuer: read('issuer', isIssuer),
    clientId: read('client_id', isFilled),
    clientSecret: read('client_secret', isFilled),
  };
}

/** Plain http is accepted on loopback addresses only. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}

import { readFile, rename, writeFile } from 'node:fs/promises';

/** What the authorization server answered to our registration (RFC 7591 section 3.2.1), and for whom it holds. */
export interface ClientRegistration {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly clientId: string;
  /** SECRET: never logged. */
  readonly clientSecret: string;
}

/** Where a registration is kept between starts; without a file it is kept nowhere. */
export interface RegistrationFile {
  find(): Promise<ClientRegistration | undefined>;
  save(registration: ClientRegistration): Promise<void>;
}

export function openRegistrationFile(path: string | undefined): RegistrationFile {
  if (path === undefined) return { find: async () => undefined, save: async () => {} };
  return {
    async find() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : parseRegistration(text);
    },
    async save(registration) {
      // Written aside and renamed, so that a crash leaves the old file or the new one and never half of one.
      await writeFile(`${path}.new`, `${JSON.stringify(registration, undefined, 2)}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}

/** @returns undefined for anything but a whole registration: registering anew is always possible */
function parseRegistration(text: string): ClientRegistration | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { issuer, redirectUri, clientId, clientSecret } = value as Record<string, unknown>;
  return typeof issuer === 'string' &&
    typeof redirectUri === 'string' &&
    typeof clientId === 'string' &&
    typeof clientSecret === 'string'
    ? { issuer, redirectUri, clientId, clientSecret }
    : undefined;
}

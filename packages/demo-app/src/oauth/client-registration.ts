import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * The authorization server's answer to our registration (RFC 7591 section 3.2.1), with the issuer and the redirect URI
 * that it is valid for.
 */
export interface ClientRegistration {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly clientId: string;
  /** SECRET: never logged. */
  readonly clientSecret: string;
}

/** Keeps a registration between starts. Without a file it is not kept. */
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
      // Written to another file and then renamed, so that a crash leaves either the old file or the new one, complete.
      await writeFile(`${path}.new`, `${JSON.stringify(registration, undefined, 2)}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}

/** @returns undefined for anything but a complete registration: the app can always register again */
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

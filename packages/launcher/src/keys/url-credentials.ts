import { parseDatabaseUrl } from '@aipassport/contracts';

export interface UrlCredentials {
  readonly username: string;
  /** SECRET */
  readonly password: string;
}

/**
 * Reads the role and its password from the URL of a database, which may name several hosts.
 * @throws Error whose message contains no part of the URL
 */
export function readCredentials(url: string): UrlCredentials {
  const { username, password } = new URL(parseDatabaseUrl(url).urls[0]);
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** SECRET: the URL with these credentials. Everything else in it stays as it is. */
export function replaceCredentials(url: string, { username, password }: UrlCredentials): string {
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return url.replace(/^(\w+:\/\/)(?:[^/?#]*@)?/, (_, scheme: string) => `${scheme}${credentials}`);
}

import { existsSync, readFileSync } from 'node:fs';
import {
  parseAuditKeys,
  parseCookieKeys,
  parseIdentityProviders,
  parseSealingKey,
} from '@aipassport/authorization-server/operating';
import { parseSealingJwks, type SealingJwk } from '@aipassport/resource-proxy/operating';
import { publishedAt, type StoredSigningKey } from './decide-signing-step.js';
import type { KeyFiles } from './key-files.js';
import { readKeyFile } from './key-json.js';
import type { DatabaseFiles } from './make-database-secrets.js';
import { previousOf } from './rotate-database-passwords.js';
import { readSigningKeys, type SigningKeyKind, signingKeyKinds } from './rotate-signing-key.js';
import { nameKeyPlace } from './transit-keys.js';

/** A key file, and what each of its keys is used for. */
export interface DescribedFile {
  readonly file: string;
  /** The variable of the servers that names the file. */
  readonly variable?: string;
  /** One line for each key, without the secret. @throws Error that names the file and repeats nothing of its content */
  readonly describe: () => readonly string[];
}

export function listDescribedFiles({ authorizationServer, audit, resourceProxy }: KeyFiles): readonly DescribedFile[] {
  const { signingKeys, idTokenKeys, cookieKeys, sealingPublicKey } = authorizationServer;
  const { sealingPrivateKey, clientSecret } = resourceProxy;
  return [
    describedAs('SIGNING_KEYS_FILE', signingKeys),
    describedAs('ID_TOKEN_KEYS_FILE', idTokenKeys),
    describedAs('COOKIE_KEYS_FILE', cookieKeys),
    describedAs('SEALING_PUBLIC_KEY_FILE', sealingPublicKey),
    describedAs('AUDIT_KEYS_FILE', audit.keys),
    describedAs('SEALING_PRIVATE_KEY_FILE', sealingPrivateKey),
    describedAs('PROXY_CLIENT_SECRET_FILE', clientSecret),
  ];
}

/** What the keys of each file are used for, by the variable that names the file. */
const descriptions = {
  SIGNING_KEYS_FILE: (file: string) => describeSigningKeys(file, signingKeyKinds.access),
  ID_TOKEN_KEYS_FILE: (file: string) => describeSigningKeys(file, signingKeyKinds.id),
  COOKIE_KEYS_FILE: (file: string) => readKeyFile(file, parseCookieKeys).map(describeCookieKey),
  SEALING_PUBLIC_KEY_FILE: (file: string) => [
    `${readKeyFile(file, parseSealingKey).kid}: new API keys are sealed to it`,
  ],
  AUDIT_KEYS_FILE: (file: string) =>
    readKeyFile(file, parseAuditKeys).map(
      ({ id }, index) => `${id}: ${index === 0 ? 'seals events' : 'only verifies older seals'}`,
    ),
  SEALING_PRIVATE_KEY_FILE: (file: string) => readKeyFile(file, parseSealingJwks).map(describeSealingKey),
  PROXY_CLIENT_SECRET_FILE: (file: string) => describeText(file, 'the resource proxy authenticates with it'),
  DATABASE_URL_FILE: (file: string) => [describeDatabaseUrl(file)],
  DATABASE_DIRECT_URL_FILE: (file: string) => [describeDatabaseUrl(file)],
  IDENTITY_PROVIDERS_FILE: (file: string) =>
    readKeyFile(file, parseIdentityProviders).map(
      ({ name }) => `the authorization server authenticates to ${name} with it`,
    ),
  SMTP_URL_FILE: (file: string) => describeText(file, 'the authorization server sends e-mails with it'),
  REGISTRATION_TOKEN_FILE: (file: string) => describeText(file, 'clients register themselves with it'),
  JOURNAL_BUCKET_ACCESS_KEY_ID_FILE: (file: string) =>
    describeText(file, 'requests to the bucket of the journal name this access key'),
  JOURNAL_BUCKET_SECRET_ACCESS_KEY_FILE: (file: string) =>
    describeText(file, 'requests to the bucket of the journal are signed with it'),
  SEALING_TRANSIT_TOKEN_FILE: (file: string) =>
    describeText(file, 'the resource proxy authenticates to the transit engine with it'),
} satisfies Readonly<Record<string, (file: string) => readonly string[]>>;

function describedAs(variable: keyof typeof descriptions, file: string): DescribedFile {
  return { file, describe: () => descriptions[variable](file) };
}

/** The files with secrets that variables of the servers name, such as `SMTP_URL_FILE` and those of API keys. */
export function listNamedFiles(variables: Readonly<Record<string, string | undefined>>): readonly DescribedFile[] {
  return Object.entries(variables).flatMap(([variable, file]): readonly DescribedFile[] => {
    if (!file) return [];
    if (isDescribed(variable)) return [{ variable, ...describedAs(variable, file) }];
    const [, upstream] = /^([A-Z][A-Z0-9]*)_API_KEY_FILE$/.exec(variable) ?? [];
    if (upstream === undefined) return [];
    const use = `the operator’s API key for ${upstream.toLowerCase()}`;
    return [{ variable, file, describe: () => describeText(file, use) }];
  });
}

function isDescribed(variable: string): variable is keyof typeof descriptions {
  return Object.hasOwn(descriptions, variable);
}

function describeText(file: string, use: string): readonly string[] {
  return [readFileSync(file, 'utf8').trim() === '' ? `empty; ${use}` : use];
}

/** The files with a URL of the database, as far as they exist. */
export function listDatabaseFiles({ superuserUrl, urls }: DatabaseFiles): readonly DescribedFile[] {
  return [superuserUrl, ...Object.values(urls)]
    .filter((file) => existsSync(file))
    .map((file) => ({ file, describe: () => [describeDatabaseUrl(file)] }));
}

function describeDatabaseUrl(file: string): string {
  const [, role = 'unknown'] = /^\w+:\/\/([^:@/]+)/.exec(readFileSync(file, 'utf8')) ?? [];
  const password = `the password of the role ${role}`;
  return existsSync(previousOf(file)) ? `${password}; its rotation is not finished` : password;
}

function describeSigningKeys(file: string, kind: SigningKeyKind): readonly string[] {
  const keys = readSigningKeys(file, kind);
  return keys.map((key) => `${key.kid}: ${describeSigningKey(key, keys[0])}`);
}

function describeSigningKey(key: StoredSigningKey, first: StoredSigningKey | undefined): string {
  if (key === first) return key.signing_since === undefined ? 'signs' : `signs since ${key.signing_since}`;
  const isNewer = first !== undefined && publishedAt(key) > publishedAt(first);
  return isNewer ? `published since ${key.published_at}, does not sign yet` : 'signs no more, is still published';
}

function describeSealingKey(jwk: SealingJwk): string {
  const does = `${jwk.kid}: opens API keys`;
  if (jwk.kty === 'OKP') return does;
  return `${does}; its private half is in a transit engine: ${nameKeyPlace(jwk)}, version ${jwk.transit.version}`;
}

function describeCookieKey(_secret: string, index: number): string {
  return `cookie key ${index + 1}: ${index === 0 ? 'signs' : 'only verifies older signatures'}`;
}

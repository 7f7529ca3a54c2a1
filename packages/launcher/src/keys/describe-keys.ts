import { existsSync, readFileSync } from 'node:fs';
import { parseAuditKeys, parseCookieKeys, parseSealingKey } from '@aipassport/authorization-server/operating';
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
  /** One line for each key, without the secret. @throws Error that names the file and repeats nothing of its content */
  readonly describe: () => readonly string[];
}

export function listDescribedFiles({ authorizationServer, audit, resourceProxy }: KeyFiles): readonly DescribedFile[] {
  const { signingKeys, idTokenKeys, cookieKeys, sealingPublicKey } = authorizationServer;
  const { sealingPrivateKey, clientSecret } = resourceProxy;
  return [
    { file: signingKeys, describe: () => describeSigningKeys(signingKeys, signingKeyKinds.access) },
    { file: idTokenKeys, describe: () => describeSigningKeys(idTokenKeys, signingKeyKinds.id) },
    { file: cookieKeys, describe: () => readKeyFile(cookieKeys, parseCookieKeys).map(describeCookieKey) },
    {
      file: sealingPublicKey,
      describe: () => [`${readKeyFile(sealingPublicKey, parseSealingKey).kid}: new API keys are sealed to it`],
    },
    {
      file: audit.keys,
      describe: () =>
        readKeyFile(audit.keys, parseAuditKeys).map(
          ({ id }, index) => `${id}: ${index === 0 ? 'seals events' : 'only verifies older seals'}`,
        ),
    },
    {
      file: sealingPrivateKey,
      describe: () => readKeyFile(sealingPrivateKey, parseSealingJwks).map(describeSealingKey),
    },
    {
      file: clientSecret,
      describe: () => ['the resource proxy authenticates with it'],
    },
  ];
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

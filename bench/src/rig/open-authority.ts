import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type KeyFiles, locateKeyFiles, makeKeyFiles } from '@aipassport/launcher';
import type { IssuerCommands, TokenSubject } from '../issuer/main.js';
import { startWorker } from '../processes/start-worker.js';
import type { Rig } from './open-rig.js';

/** The issuer of access tokens, and the keys to which provider keys are sealed. */
export interface Authority {
  readonly issuer: string;
  /** The resource identifier that all proxies share: the audience of the tokens. */
  readonly resource: string;
  readonly keyFiles: KeyFiles;
  /** @returns access tokens in the order of the subjects. SECRET. */
  readonly sign: (subjects: readonly TokenSubject[], lifetimeSeconds?: number) => Promise<readonly string[]>;
}

/** Longer than any run except the soak. */
const defaultLifetimeSeconds = 43_200;
const resource = 'http://127.0.0.1:4100';

export async function openAuthority({ places, directory, closing }: Rig): Promise<Authority> {
  const keyFiles = locateKeyFiles(path.join(directory, 'keys'));
  await makeKeyFiles(keyFiles, new Date());
  const module = new URL('../issuer/main.js', import.meta.url).href;
  const worker = startWorker<IssuerCommands>({ module, core: places.others });
  closing.push(worker.stop);
  const issuer = `http://127.0.0.1:${await worker.ask('listen', undefined)}`;
  return {
    issuer,
    resource,
    keyFiles,
    sign: (subjects, lifetimeSeconds = defaultLifetimeSeconds) =>
      worker.ask('sign', { issuer, audience: resource, lifetimeSeconds, subjects }),
  };
}

/** The public key that owners' provider keys are sealed to. */
export function readSealingKey({ authorizationServer }: KeyFiles): Record<string, unknown> & { readonly kid: string } {
  return JSON.parse(readFileSync(authorizationServer.sealingPublicKey, 'utf8')) as { kid: string }; // as makeKeyFiles writes it
}

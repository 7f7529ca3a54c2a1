import { readFileSync } from 'node:fs';
import { defineEnvironment, proxyClientId } from '@aipassport/contracts';
import type { CommandContext } from './context.js';

const proxyEnvironment = defineEnvironment({ PROXY_CLIENT_ID: proxyClientId });

/** The id of the client with which the resource proxies authenticate. */
export function readProxyClientId(variables: CommandContext['variables']): string {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  return proxyEnvironment.read({ variables, readFile }).PROXY_CLIENT_ID;
}

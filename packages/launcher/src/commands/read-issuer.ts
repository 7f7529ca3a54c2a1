import { baseUrl } from '@aipassport/contracts';
import { decideIssuer } from '../start/list-servers.js';
import type { CommandContext } from './context.js';

/** The authorization server's URL: the `ISSUER` setting, or else the URL at which `start` runs it. */
export function readIssuer({ variables, environment }: CommandContext): string {
  const { ISSUER: issuer } = variables;
  return issuer === undefined ? decideIssuer(environment) : baseUrl().parse(issuer);
}

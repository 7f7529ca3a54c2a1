import { createServer } from 'node:net';
import type { LauncherEnvironment } from '../environment.js';
import type { KnownUpstreams } from './read-upstreams.js';

/** A port that a program will listen on, and the environment variable that sets it. */
export interface WantedPort {
  readonly name: string;
  readonly variable: string;
  readonly port: number;
}

/** The ports that a start with this environment needs. */
export function listWantedPorts(
  environment: LauncherEnvironment,
  { withKey }: Pick<KnownUpstreams, 'withKey'>,
): readonly WantedPort[] {
  const names = {
    AUTHORIZATION_SERVER_PORT: 'authorization server',
    RESOURCE_PROXY_PORT: 'resource proxy',
    DEMO_APP_PORT: 'demo app',
    AUTHORIZATION_SERVER_METRICS_PORT: 'metrics of the authorization server',
    RESOURCE_PROXY_METRICS_PORT: 'metrics of the resource proxy',
    ...(withKey.length === 0 && { SIMULATED_UPSTREAM_PORT: 'simulated AI provider' }),
    ...(environment.DATABASE_URL === undefined && { POSTGRES_PORT: 'database' }),
  };
  return Object.entries(names).flatMap(([variable, name]) => {
    const port = environment[variable as keyof typeof names];
    return port === undefined ? [] : [{ name, variable, port }];
  });
}

/**
 * Checks that we can listen on every port, on both loopback addresses: browsers try both for `localhost`.
 *
 * @returns a sentence for every port on which we cannot listen, or to which no browser connects, or which another
 * variable sets too. The sentence names the variable to set
 */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [index, { name, variable, port }] of wanted.entries()) {
    const earlier = wanted.slice(0, index).find((other) => other.port === port);
    const obstacle = (await findObstacle(port)) ?? (variable === 'POSTGRES_PORT' ? undefined : await findBlock(port));
    if (earlier !== undefined)
      problems.push(`${earlier.variable} and ${variable} are both ${port}: set one of them to another port.`);
    else if (obstacle !== undefined)
      problems.push(`Port ${port}, for the ${name}, ${obstacle}: set ${variable} to another port.`);
  }
  return problems;
}

/**
 * @returns why this user cannot listen on the port: another program has it, or rights are missing; otherwise undefined
 */
export async function findObstacle(port: number): Promise<string | undefined> {
  const codes = [await tryToListen('127.0.0.1', port), await tryToListen('::1', port)];
  if (codes.includes('EADDRINUSE')) return 'is taken by another program';
  if (codes.includes('EACCES')) return 'needs rights that this user does not have';
  return undefined; // EADDRNOTAVAIL is no obstacle: the machine has no IPv6
}

/**
 * Browsers, and `fetch` in Node.js, never connect to certain ports, such as 6000 (Fetch Standard, section 2.9, "Port
 * blocking").
 */
async function findBlock(port: number): Promise<string | undefined> {
  const reason = await fetch(`http://127.0.0.1:${port}`).then(
    () => undefined,
    ({ cause }: { cause?: { message?: string } }) => cause?.message,
  );
  return reason === 'bad port' ? 'is blocked by browsers' : undefined;
}

function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

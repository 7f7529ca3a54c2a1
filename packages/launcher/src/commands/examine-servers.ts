import { isLocked } from '../data/lock-directory.js';
import { findObstacle, listWantedPorts } from '../start/check-ports.js';
import { readUpstreams } from '../start/read-upstreams.js';
import type { CommandContext } from './context.js';
import { listDeployedFiles } from './examine-keys.js';
import { type Finding, skip } from './finding.js';

/**
 * Checks the servers: the one in the same container, or those at the public URLs of a deployment. Without either, it
 * checks that each port is free, or that our own server answers on it. A server of another data directory answers in
 * the same way. So a server counts as ours only if a launcher is running with our data directory, or if `DATABASE_URL`
 * is set, because the servers may then run without a launcher.
 */
export async function examineServers(
  { environment, variables }: CommandContext,
  instance: string | undefined,
): Promise<readonly Finding[]> {
  const own = variables['PORT']; // a container sets `PORT`, and runs only one server
  if (own !== undefined)
    return [
      await examineHealth({ name: 'this server', ...locate(Number(own)), instance }, `nothing answers on port ${own}`),
    ];
  if (listDeployedFiles(variables).length > 0) return examinePublicHealth(variables, instance);
  const servers = listWantedPorts(environment, { withKey: listUpstreamsWithKey(variables) }).filter(
    ({ variable }) => variable !== 'POSTGRES_PORT',
  );
  const mayBeOurs = environment.DATABASE_URL !== undefined || (await isLocked(environment.AIPASSPORT_DATA));
  return Promise.all(
    servers.map(async ({ name, variable, port }) => {
      if ((await findObstacle(port)) === undefined)
        return { ok: true, text: `${name}: not running, port ${port} is free` };
      if (!mayBeOurs)
        return { ok: false, text: `${name}: not running, and port ${port} is taken: set ${variable} to another port` };
      return examineHealth(
        { name, ...locate(port), instance },
        `port ${port} is taken by another program: set ${variable} to another port`,
      );
    }),
  );
}

/** `doctor` may run in a container of its own, where no server listens. So it asks the servers at their public URLs. */
function examinePublicHealth(variables: CommandContext['variables'], instance: string | undefined) {
  const servers = { 'authorization server': 'ISSUER', 'resource proxy': 'RESOURCE_PROXY_URL' };
  return Promise.all(
    Object.entries(servers).map(async ([name, variable]): Promise<Finding> => {
      const url = variables[variable];
      if (!url) return skip(name, [variable]);
      const place = `at ${url}`;
      const found = await examineHealth({ name, url, place, instance }, `${url} does not answer here`);
      return found.isSilent === true ? { ...found, ok: true, isWarning: true } : found;
    }),
  );
}

/** @returns an empty list when the price settings are invalid: `examinePrices` reports that */
function listUpstreamsWithKey(variables: CommandContext['variables']): readonly string[] {
  try {
    return readUpstreams(variables).withKey;
  } catch {
    return [];
  }
}

interface ExaminedServer {
  readonly name: string;
  readonly url: string;
  /** Where it is, for people. */
  readonly place: string;
  /** Names the database of this command. */
  readonly instance: string | undefined;
}

const locate = (port: number) => ({ url: `http://localhost:${port}`, place: `on port ${port}` });

interface HealthFinding extends Finding {
  /** The server did not answer at all. */
  readonly isSilent?: boolean;
}

async function examineHealth(
  { name, url, place, instance }: ExaminedServer,
  otherwise: string,
): Promise<HealthFinding> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  const body: unknown = await answer?.json().catch(() => undefined);
  if (isOfOtherInstance(body, instance))
    return {
      ok: false,
      text: `${name}: the server ${place} uses another database than this command: give both the same DATABASE_URL`,
    };
  if (answer?.ok === true) return { ok: true, text: `${name}: is ready ${place}` };
  const problems = answer?.status === 503 ? readProblems(body) : [];
  if (problems.length > 0)
    return { ok: false, text: `${name}: is not ready: ${problems.join('; ')}; see docs/operations.md, Health` };
  // The demo app and the simulated AI provider have only `/health`, not `/health/ready`.
  const isHealthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(3000) }).then(
    (response) => response.ok,
    () => false,
  );
  if (isHealthy) return { ok: true, text: `${name}: answers ${place}` };
  return { ok: false, text: `${name}: ${otherwise}`, isSilent: answer === undefined };
}

/** A server of an earlier release does not name its database. */
function isOfOtherInstance(body: unknown, instance: string | undefined): boolean {
  const { instance: named } = (body ?? {}) as { readonly instance?: unknown };
  return typeof named === 'string' && instance !== undefined && named !== instance;
}

/** The failed checks that one of our servers reports. */
function readProblems(body: unknown): readonly string[] {
  const { checks } = (body ?? {}) as { checks?: Record<string, { ok?: unknown; message?: unknown }> };
  return Object.entries(checks ?? {}).flatMap(([check, { ok, message }]) =>
    ok === false ? [`${check} (${String(message)})`] : [],
  );
}

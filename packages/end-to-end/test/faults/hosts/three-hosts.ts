import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateKeyFiles, makeKeyFiles, prepareDatabase, type Server } from '@aipassport/launcher';
import { createTestDatabase } from '@aipassport/store/testing';
import { ClientApp } from '../../harness/client-app.js';
import { CloseStack } from '../../harness/close-stack.js';
import { createOwner } from '../../harness/connect.js';
import { buildServerEnvironments } from '../../harness/server-environments.js';
import { waitUntil } from '../../harness/wait-until.js';
import { BillingUpstream } from '../support/billing-upstream.js';
import { createGrants, type Laboratory, openHosts } from '../support/laboratory.js';
import { ask, makeStandbyDirectory, requireStandbys } from '../support/standby.js';
import { Balancer } from './balancer.js';
import { Host } from './host.js';
import { makeClusters, postgresSettings } from './make-clusters.js';
import { describeLink, makeNetwork, network, outside } from './network.js';

const postgresPort = 5432;
const ports = { 'authorization-server': 4000, 'resource-proxy': 4100 } as const;
const door = { host: '127.0.0.1', port: 4300 };
type Kind = keyof typeof ports;
/** The servers of each host. Each host also has a PostgreSQL. */
const kindsOfHosts: readonly (readonly Kind[])[] = [
  ['authorization-server', 'resource-proxy'],
  ['authorization-server', 'resource-proxy'],
  ['resource-proxy'],
];
const readyMilliseconds = 60_000;

export interface Machine {
  readonly host: Host;
  /** The `application_name` with which its PostgreSQL replicates from the primary. */
  readonly name: string;
  readonly directory: string;
  /** The addresses of its servers. */
  readonly urls: readonly string[];
  readonly proxyUrl: string;
}

/** Three hosts on their own network. The load, the AI provider and a load balancer run outside of the hosts. */
export interface ThreeHosts
  extends Pick<Laboratory, 'client' | 'db' | 'grant' | 'query' | 'targets' | 'upstream' | 'stop'> {
  readonly machines: readonly [Machine, Machine, Machine];
  /** Waits until every server of these machines is ready. */
  waitUntilReady(machines: readonly Machine[]): Promise<void>;
  /**
   * Makes the standby that has received the most changes the new primary, as an operator does. The primary must be
   * switched off.
   * @returns the new primary
   */
  promote(standbys: readonly Machine[]): Promise<Machine>;
  /** Makes a machine that is switched off a standby of the primary. */
  rebuild(machine: Machine, primary: Machine): Promise<void>;
  /**
   * Makes every commit of the primary wait for one of these standbys. Waits until one of them has all earlier commits.
   */
  requireStandbys(primary: Machine, standbys: readonly Machine[]): Promise<void>;
}

export async function startThreeHosts(): Promise<ThreeHosts> {
  const closing = new CloseStack();
  try {
    return await startParts(closing);
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}

async function startParts(closing: CloseStack): Promise<ThreeHosts> {
  makeNetwork();
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-hosts-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const keyFiles = locateKeyFiles(path.join(directory, 'keys'));
  await makeKeyFiles(keyFiles, new Date());
  const upstream = await BillingUpstream.start(outside);
  closing.push(() => upstream.stop());

  const links = kindsOfHosts.map((_, index) => describeLink(index + 1));
  const placeOf = (index: number) => path.join(directory, `host-${index + 1}`);
  const password = await makeClusters(
    links.map((_, index) => placeOf(index)),
    network,
  );
  const hosts = links.map(({ host }) => `${host}:${postgresPort}`).join(',');
  const urlAt = (host: string) => `postgres://postgres:${password}@${host}/postgres`;
  const balancer = await Balancer.open({
    own: { host: '0.0.0.0', port: 0 },
    targets: kindsOfHosts.flatMap((kinds, index) =>
      kinds.includes('authorization-server')
        ? [{ host: links[index]?.host ?? '', port: ports['authorization-server'] }]
        : [],
    ),
    checksHealth: true,
  });
  closing.push(() => balancer.close());
  const issuer = `http://127.0.0.1:${balancer.port}`;

  let databaseUrls: Readonly<Record<Kind, string>> | undefined;
  const buildServer = (kind: Kind, host: string, place: string): Server => {
    if (databaseUrls === undefined) throw new Error('the database is not made yet');
    const { ACCEPT_UNSAFE_DATABASE: _, ...environment }: Readonly<Record<string, string>> = buildServerEnvironments({
      issuer,
      resourceProxyUrl: 'http://127.0.0.1:4100',
      databaseUrls,
      keyFiles,
      upstreamUrl: `http://${door.host}:${door.port}`,
      hasOperatorKeys: true,
    })[kind];
    const inner = kind === 'resource-proxy' ? { AS_INTERNAL_URL: `http://${outside}:${balancer.port}` } : {};
    return {
      name: kind,
      module: `@aipassport/${kind}/main`,
      environment: { ...environment, ...inner, LOG_LEVEL: 'info', HOST: host, PORT: String(ports[kind]) },
      healthUrl: `http://${host}:${ports[kind]}/health/live`,
      logFile: path.join(place, `${kind}.log`),
    };
  };
  const machines = links.map((link, index): Machine => {
    const place = placeOf(index);
    const name = `host_${index + 1}`;
    const kinds = kindsOfHosts[index] ?? [];
    const orders = {
      postgres: {
        directory: place,
        settings: {
          ...postgresSettings,
          primary_conninfo: formatHosts(
            links.map((one) => one.host),
            password,
            name,
          ),
        },
        logFile: path.join(place, 'postgres.log'),
      },
      get servers() {
        return databaseUrls === undefined ? [] : kinds.map((kind) => buildServer(kind, link.host, place));
      },
      door: { own: door, target: { host: outside, port: Number(new URL(upstream.url).port) } },
    };
    const host = new Host({ link, logFile: path.join(directory, `${name}.log`), orders });
    closing.push(() => host.switchOff());
    const urls = kinds.map((kind) => `http://${link.host}:${ports[kind]}`);
    return { host, name, directory: place, urls, proxyUrl: `http://${link.host}:${ports['resource-proxy']}` };
  });
  const [first, second, third] = machines;
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are not three hosts');

  // The database is made before the servers start, so the hosts are first switched on without them.
  for (const { host } of machines) await host.switchOn();
  const requireAny = (primary: Machine, standbys: readonly Machine[]) =>
    requireStandbys(
      urlAt(`${primary.host.address}:${postgresPort}`),
      standbys.map(({ name }) => name),
    );
  await requireAny(first, [second, third]);
  const made = await createTestDatabase(urlAt(`${first.host.address}:${postgresPort}`));
  await prepareDatabase(made.db, { proxySecret: readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8').trim() });
  await made.db.destroy();
  const toAll = (url: string) => url.replace(`${first.host.address}:${postgresPort}`, hosts);
  databaseUrls = { 'authorization-server': toAll(made.urls.authorization), 'resource-proxy': toAll(made.urls.proxy) };
  const { db, query, end } = openHosts(toAll(made.url));
  closing.push(end);
  for (const { host } of [...machines].reverse()) await host.switchOff();
  for (const { host } of machines) await host.switchOn();

  const waitUntilReady = async (awaited: readonly Machine[]) => {
    for (const url of awaited.flatMap(({ urls }) => urls))
      await waitUntil(() => isReady(url), `${url} is ready`, readyMilliseconds);
  };
  await waitUntilReady(machines);
  const owner = await createOwner({ issuer });
  const client = await ClientApp.register({ issuer });
  return {
    machines: [first, second, third],
    upstream,
    db,
    query,
    client,
    targets: machines.map(({ proxyUrl }) => proxyUrl),
    grant: createGrants({ issuer, db, owner, client }),
    stop: () => closing.closeAll(),
    waitUntilReady,
    requireStandbys: requireAny,
    async promote(standbys) {
      const [best] = await rankStandbys(standbys, (host) => urlAt(`${host}:${postgresPort}`));
      if (best === undefined) throw new Error('there is no standby');
      await ask(urlAt(`${best.host.address}:${postgresPort}`), 'select pg_promote()');
      return best;
    },
    async rebuild(machine, primary) {
      rmSync(machine.directory, { recursive: true });
      mkdirSync(machine.directory, { mode: 0o700 });
      const url = urlAt(`${primary.host.address}:${postgresPort}`);
      await makeStandbyDirectory({ url, from: primary.directory, to: machine.directory });
    },
  };
}

/** Sorts the standbys by the changes that they have received, the most advanced one first. */
async function rankStandbys(
  standbys: readonly Machine[],
  urlOf: (host: string) => string,
): Promise<readonly Machine[]> {
  const ranked = await Promise.all(
    standbys.map(async (machine) => {
      const [row] = await ask<{ received: string }>(
        urlOf(machine.host.address),
        `select (pg_last_wal_receive_lsn() - '0/0')::text as received`,
      );
      return { machine, received: BigInt(row?.received ?? 0) };
    }),
  );
  return ranked.toSorted((a, b) => (a.received < b.received ? 1 : -1)).map(({ machine }) => machine);
}

/**
 * The value of `primary_conninfo` on every host: the host that accepts writes is the primary. SECRET: holds a password.
 */
function formatHosts(hosts: readonly string[], password: string, name: string): string {
  const each = { port: postgresPort, user: 'postgres', password, application_name: name, connect_timeout: 2 };
  const words = Object.entries(each).map(([key, value]) => `${key}=${value}`);
  return [`host=${hosts.join(',')}`, 'target_session_attrs=read-write', ...words].join(' ');
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(4_000) })).ok;
  } catch {
    return false;
  }
}

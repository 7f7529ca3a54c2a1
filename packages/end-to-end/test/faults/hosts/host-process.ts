import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Server, startPostgres, startServer } from '@aipassport/launcher';
import { Balancer } from './balancer.js';
import type { HostOrders } from './host-orders.js';

/**
 * The first program of a host, in its own network namespace. It sets up the network, and starts PostgreSQL and the
 * servers. It runs until the host is switched off.
 */
const [orders] = (await once(process, 'message')) as [HostOrders];

const { link, postgres, servers, door } = orders;
run('ip', 'link', 'set', 'lo', 'up');
run('ip', 'address', 'add', link.address, 'dev', link.name);
run('ip', 'link', 'set', link.name, 'up');
await Balancer.open({ own: door.own, targets: [door.target], checksHealth: false });
await startPostgres({
  directory: postgres.directory,
  durable: true,
  port: 5432,
  settings: { ...postgres.settings, listen_addresses: '*' },
  log: (line) => appendFileSync(postgres.logFile, `${line}\n`),
});
for (const server of servers) void keepRunning(server);
process.send?.('running');

async function keepRunning(server: Server): Promise<never> {
  for (let isRestart = false; ; isRestart = true) {
    const { ready, ended } = startServer(server, { isRestart });
    ready.catch(() => undefined); // the test itself asks whether the server is ready
    await ended;
    await sleep(500);
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

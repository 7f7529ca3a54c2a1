import { spawnSync } from 'node:child_process';

/** The network between the hosts. It is in the network namespace of the test, and ends with it. */
const bridge = 'hosts';
const prefix = '10.77.0';
const prefixLength = 24;

/** The address of the test process, which runs the load, the AI provider and the load balancer. */
export const outside = `${prefix}.1`;
export const network = `${prefix}.0/${prefixLength}`;

export interface Link {
  readonly host: string;
  /** The name of the host's end, and its address with the length of the prefix. */
  readonly name: string;
  readonly address: string;
}

export function makeNetwork(): void {
  run('ip', 'link', 'add', 'name', bridge, 'type', 'bridge');
  run('ip', 'address', 'add', `${outside}/${prefixLength}`, 'dev', bridge);
  run('ip', 'link', 'set', bridge, 'up');
}

/** @param index from 1 on */
export function describeLink(index: number): Link {
  const host = `${prefix}.${10 + index}`;
  return { host, name: `host${index}`, address: `${host}/${prefixLength}` };
}

/** Makes the cable of a host. Its other end belongs to the network namespace of this process. */
export function plugIn({ name }: Link, pid: number): void {
  // the cable of a host that was switched off may still exist
  spawnSync('ip', ['link', 'delete', portOf(name)]);
  run('ip', 'link', 'add', 'name', portOf(name), 'type', 'veth', 'peer', 'name', name, 'netns', String(pid));
  run('ip', 'link', 'set', portOf(name), 'master', bridge);
  run('ip', 'link', 'set', portOf(name), 'up');
}

/** Loses all packets from and to the host, without an error to either side. */
export function cut({ name }: Link): void {
  run('ip', 'link', 'set', portOf(name), 'nomaster');
}

export function mend({ name }: Link): void {
  run('ip', 'link', 'set', portOf(name), 'master', bridge);
}

const portOf = (name: string) => `to-${name}`;

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostOrders } from './host-orders.js';
import { cut, type Link, mend, plugIn } from './network.js';

const program = fileURLToPath(new URL('host-process.js', import.meta.url));

export interface HostPlan {
  readonly link: Link;
  readonly logFile: string;
  readonly orders: Omit<HostOrders, 'link'>;
}

/** A machine: processes in their own network namespace, with a cable to the network of the test. */
export class Host {
  readonly link: Link;
  readonly #plan: HostPlan;
  #first: ChildProcess | undefined;
  #namespace = '';

  constructor(plan: HostPlan) {
    this.link = plan.link;
    this.#plan = plan;
  }

  get address(): string {
    return this.link.host;
  }

  /** Starts all programs of the host. Resolves when PostgreSQL accepts connections; the servers may need longer. */
  async switchOn(): Promise<void> {
    const log = openSync(this.#plan.logFile, 'a');
    const first = spawn('unshare', ['--net', process.execPath, '--enable-source-maps', program], {
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#first = first;
    const failed = once(first, 'exit').then(() => {
      throw new Error(`a host did not start; see ${this.#plan.logFile}`);
    });
    failed.catch(() => undefined);
    await Promise.race([this.#enterNamespace(first), failed]);
    plugIn(this.link, first.pid ?? 0);
    const { name, address } = this.link;
    first.send({ ...this.#plan.orders, link: { name, address } } satisfies HostOrders);
    await Promise.race([once(first, 'message'), failed]);
  }

  /** Ends every program of the host at once, as a power cut does. No other host gets a message about it. */
  async switchOff(): Promise<void> {
    if (this.#first === undefined) return;
    const first = this.#first;
    this.#first = undefined;
    const gone = first.exitCode === null && first.signalCode === null ? once(first, 'exit') : undefined;
    cut(this.link);
    for (let pids = this.#listProcesses(); pids.length > 0; pids = this.#listProcesses()) {
      for (const pid of pids) kill(pid);
      await sleep(10);
    }
    await gone;
  }

  /** Loses all packets from and to the host. Its programs keep running. */
  cutOff(): void {
    cut(this.link);
  }

  reconnect(): void {
    mend(this.link);
  }

  /** `unshare` makes the namespace before it becomes Node.js. */
  async #enterNamespace({ pid = 0 }: ChildProcess): Promise<void> {
    const own = readNamespace('self');
    for (;;) {
      const namespace = readNamespace(String(pid));
      if (namespace !== undefined && namespace !== own) {
        this.#namespace = namespace;
        return;
      }
      await sleep(5);
    }
  }

  #listProcesses(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && readNamespace(name) === this.#namespace)
      .map(Number);
  }
}

/** @returns undefined when there is no such process, or when it has ended and is not reaped */
function readNamespace(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/net`);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

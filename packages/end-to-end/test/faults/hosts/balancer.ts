import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface BalancerOptions {
  /** Where it listens. */
  readonly own: Address;
  readonly targets: readonly Address[];
  /** Whether it asks the targets every second if they are ready, and passes connections only to those that are. */
  readonly checksHealth: boolean;
}

const intervalMilliseconds = 1_000;
const healthTimeoutMilliseconds = 3_000;
const connectTimeoutMilliseconds = 2_000;

/** A load balancer at TCP level. It breaks the connections to a target that is no longer ready. */
export class Balancer {
  readonly #options: BalancerOptions;
  readonly #server: Server;
  readonly #ready: Set<Address>;
  readonly #pairs = new Map<Address, Set<Socket>>();
  #turn = 0;
  #isClosed = false;

  private constructor(options: BalancerOptions) {
    this.#options = options;
    this.#ready = new Set(options.checksHealth ? [] : options.targets);
    for (const target of options.targets) this.#pairs.set(target, new Set());
    this.#server = createServer((socket) => this.#pass(socket.on('error', () => undefined)));
  }

  static async open(options: BalancerOptions): Promise<Balancer> {
    const balancer = new Balancer(options);
    await new Promise<void>((resolve, reject) => {
      balancer.#server.once('error', reject);
      balancer.#server.listen(options.own.port, options.own.host, resolve);
    });
    if (options.checksHealth) for (const target of options.targets) void balancer.#watch(target);
    return balancer;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const target of this.#options.targets) this.#break(target);
    await closed;
  }

  #pass(socket: Socket): void {
    const targets = [...this.#ready];
    const target = targets[this.#turn++ % targets.length];
    if (target === undefined) {
      socket.destroy();
      return;
    }
    const other = connect({ ...target, noDelay: true, timeout: connectTimeoutMilliseconds });
    const sockets = this.#pairs.get(target);
    const end = () => {
      socket.destroy();
      other.destroy();
      sockets?.delete(other);
    };
    sockets?.add(other);
    other
      .on('error', () => undefined)
      .on('close', end)
      .once('timeout', end)
      .once('connect', () => other.setTimeout(0));
    socket.on('close', end);
    socket.pipe(other).pipe(socket);
  }

  async #watch(target: Address): Promise<void> {
    while (!this.#isClosed) {
      const isReady = await fetch(`http://${target.host}:${target.port}/health/ready`, {
        signal: AbortSignal.timeout(healthTimeoutMilliseconds),
      }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) this.#ready.add(target);
      else if (this.#ready.delete(target)) this.#break(target);
      await sleep(intervalMilliseconds);
    }
  }

  #break(target: Address): void {
    for (const socket of this.#pairs.get(target) ?? []) socket.destroy();
  }
}

import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the line does with the bytes between a server and its database, from the injection of the fault on. */
export type LineFault =
  | { readonly kind: 'none' }
  /** Connections break, and new ones break at once. */
  | { readonly kind: 'cut' }
  /** Bytes are lost without an error. A connection that has lost bytes stays silent. */
  | { readonly kind: 'silent' }
  /** Bytes in these directions are kept and delivered when the line heals. */
  | { readonly kind: 'delayed'; readonly queries: boolean; readonly answers: boolean }
  /** Each byte arrives late, in both directions. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Each chunk resets (RST) its connection with this probability. */
  | { readonly kind: 'breaking'; readonly chance: number; readonly random: () => number };

/** A TCP forwarder on 127.0.0.1 that simulates network faults. */
export class FaultLine {
  readonly port: number;
  readonly #server: Server;
  readonly #wires: Set<Wire>;
  readonly #state: { fault: LineFault };

  private constructor(server: Server, port: number, wires: Set<Wire>, state: { fault: LineFault }) {
    this.#server = server;
    this.port = port;
    this.#wires = wires;
    this.#state = state;
  }

  static async open(targetPort: number): Promise<FaultLine> {
    const wires = new Set<Wire>();
    const state: { fault: LineFault } = { fault: { kind: 'none' } };
    // half-open: an end that has finished sending can still receive
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      if (state.fault.kind === 'cut') {
        client.on('error', () => undefined).destroy();
        return;
      }
      const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      const wire = new Wire(client, target, state);
      wires.add(wire);
      client.on('close', () => wires.delete(wire));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    return new FaultLine(server, typeof address === 'object' && address ? address.port : 0, wires, state);
  }

  get connections(): number {
    return this.#wires.size;
  }

  inject(fault: LineFault): void {
    this.#state.fault = fault;
    if (fault.kind === 'cut') for (const wire of this.#wires) wire.break();
  }

  /** Lets bytes pass again. Delivers held bytes now or after a delay. Lost bytes stay lost. */
  heal({ deliveryMilliseconds = 0 } = {}): void {
    this.#state.fault = { kind: 'none' };
    for (const wire of this.#wires) setTimeout(() => wire.release(), deliveryMilliseconds);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const wire of this.#wires) wire.break();
    await closed;
  }
}

/** One connection: two sockets and the bytes in transit between them. */
class Wire {
  readonly #sockets: readonly [Socket, Socket];
  readonly #delayed: (() => void)[] = [];
  #hasLost = false;

  constructor(client: Socket, target: Socket, state: { readonly fault: LineFault }) {
    this.#sockets = [client, target];
    this.#carry(client, target, 'queries', state);
    this.#carry(target, client, 'answers', state);
  }

  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  release(): void {
    for (const deliver of this.#delayed.splice(0)) deliver();
  }

  #carry(from: Socket, to: Socket, direction: 'queries' | 'answers', state: { readonly fault: LineFault }): void {
    const deliver = (what: () => void) => {
      const { fault } = state;
      if (this.#hasLost) return;
      switch (fault.kind) {
        case 'none':
          // these bytes must not arrive before the delayed ones
          if (this.#delayed.length > 0) this.#delayed.push(what);
          else what();
          return;
        case 'delayed':
          if (fault[direction]) this.#delayed.push(what);
          else what();
          return;
        case 'slow':
          setTimeout(what, fault.milliseconds);
          return;
        case 'breaking':
          if (fault.random() < fault.chance) this.break();
          else what();
          return;
        case 'silent':
          this.#hasLost = true;
          return;
        case 'cut':
          return;
      }
    };
    from.on('data', (bytes) => deliver(() => void to.write(bytes)));
    from.on('end', () => deliver(() => void to.end()));
    from.on('close', (hadError) => {
      if (hadError) deliver(() => void to.destroy());
    });
    from.on('error', () => undefined);
  }
}

import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on 127.0.0.1 and passes each connection to the next target: a load balancer at TCP level.
 * A test can also cut its connections.
 */
export class TcpFront {
  readonly port: number;
  readonly #server: Server;
  readonly #connections: Set<Socket>;
  readonly #line: { state: 'up' | 'cut' | 'silent' };

  private constructor(
    server: Server,
    port: number,
    connections: Set<Socket>,
    line: { state: 'up' | 'cut' | 'silent' },
  ) {
    this.#server = server;
    this.port = port;
    this.#connections = connections;
    this.#line = line;
  }

  /** @param targets the ports on 127.0.0.1; called for each connection, so that ports can be added later */
  static async open(targets: () => readonly number[]): Promise<TcpFront> {
    const connections = new Set<Socket>();
    const line: { state: 'up' | 'cut' | 'silent' } = { state: 'up' };
    let turn = 0;
    const server = createServer((socket) => {
      connections.add(socket);
      socket.on('error', () => undefined).on('close', () => connections.delete(socket));
      const ports = targets();
      const port = ports[turn++ % ports.length];
      if (line.state === 'cut' || port === undefined) socket.destroy();
      else if (line.state === 'up') join(socket, port, connections);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    return new TcpFront(server, typeof address === 'object' && address ? address.port : 0, connections, line);
  }

  /** Breaks every open connection, and each new one when it begins. */
  cut(): void {
    this.#line.state = 'cut';
    this.#destroyConnections();
  }

  /** Drops all bytes of old and new connections without closing them, as when packets get lost. */
  silence(): void {
    this.#line.state = 'silent';
    for (const socket of this.#connections) socket.unpipe().pause();
  }

  /** Lets new connections work again, and closes the old ones, because silenced connections have lost bytes. */
  heal(): void {
    this.#line.state = 'up';
    this.#destroyConnections();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#destroyConnections();
    await closed;
  }

  #destroyConnections(): void {
    for (const socket of this.#connections) socket.destroy();
  }
}

function join(socket: Socket, port: number, connections: Set<Socket>): void {
  const target = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setNoDelay(true);
  connections.add(target);
  target
    .on('error', () => undefined)
    .on('close', () => {
      connections.delete(target);
      socket.destroy();
    });
  socket.on('close', () => target.destroy());
  socket.pipe(target).pipe(socket);
}

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards TCP connections to the database. A test can cut the connections, and allow new ones again. */
export class TcpFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(target: URL, onSent: ((bytes: Buffer) => void) | undefined) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(Number(target.port), target.hostname);
      if (onSent !== undefined) near.on('data', onSent);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one
          .on('error', () => undefined)
          .on('close', () => {
            this.#sockets.delete(one);
            other.destroy();
          });
        one.pipe(other);
      }
    });
  }

  /**
   * @param url the URL of the database
   * @param onSent called with the bytes that are sent to the database
   */
  static async open(url: string, onSent?: (bytes: Buffer) => void): Promise<TcpFront> {
    const front = new TcpFront(new URL(url), onSent);
    await new Promise<void>((resolve) => {
      front.#server.listen(0, '127.0.0.1', resolve);
    });
    return front;
  }

  /** The URL of the database through this forwarder. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String((this.#server.address() as AddressInfo).port);
    return changed.href;
  }

  /** @param by whether the other side sees an end (FIN) or a failure (RST) */
  cut(by: 'end' | 'reset' = 'end'): void {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      if (by === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

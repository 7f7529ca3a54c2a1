import { connect, type Socket } from 'node:net';
import { readClock } from '../statistics/read-clock.js';
import { buildRequests, type Target } from './request.js';

/** The end of a stream that was held open. */
export interface StreamEnd {
  readonly accessToken: string;
  /** In milliseconds, by the clock that all processes of the machine share. */
  readonly endedAt: number;
}

/** Streams that are opened, read, and kept until something ends them: one for each access token of each target. */
export class HeldStreams {
  readonly #ends: StreamEnd[] = [];
  readonly #sockets = new Set<Socket>();
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /** Resolves with the number of open streams, when each stream has received its first event. */
  async open(targets: readonly Target[]): Promise<number> {
    for (const target of targets) {
      const requests = buildRequests(target, true);
      // Streams are opened in groups, because the queue of the listening socket is shorter than the whole list.
      for (let index = 0; index < requests.length; index += openAtOnce) {
        const some = requests.slice(index, index + openAtOnce);
        await Promise.all(
          some.map((request, place) => this.#open(target.port, request, target.accessTokens[index + place] ?? '')),
        );
      }
    }
    return this.#sockets.size;
  }

  /** Resolves as soon as at least `count` streams have ended, with the ends of all of them. */
  async waitForEnds(count: number): Promise<readonly StreamEnd[]> {
    if (this.#ends.length < count) await new Promise<void>((resolve) => (this.#waiting = { count, resolve }));
    return this.#ends;
  }

  /** Closes the streams that are still open. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    this.#ends.length = 0;
  }

  async #open(port: number, request: Buffer, accessToken: string): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const begun = Promise.withResolvers<void>();
    let head = '';
    let isBegun = false;
    socket.write(request);
    socket.on('data', (bytes) => {
      if (isBegun) {
        if (bytes.includes(lastEvent)) socket.end();
        return;
      }
      head += bytes.toString('latin1');
      if (!head.includes('data: ')) return;
      isBegun = true;
      begun.resolve();
    });
    socket.on('error', () => undefined);
    const note = () => {
      // The stream has ended at the first of the events 'end' and 'close', because no data can arrive after it.
      if (this.#sockets.delete(socket)) this.#ends.push({ accessToken, endedAt: readClock() });
      if (this.#waiting !== undefined && this.#ends.length >= this.#waiting.count) this.#waiting.resolve();
    };
    socket.once('end', note);
    socket.once('close', () => {
      note();
      begun.reject(new Error(`a stream ended before it had begun:\n${head}`));
    });
    this.#sockets.add(socket);
    await begun.promise;
  }
}

const openAtOnce = 50;
const lastEvent = Buffer.from('data: [DONE]');

import { connect, type Socket } from 'node:net';
import type { Experiment } from './experiment.js';
import type { Access, ChatResult } from './load.js';
import { buildChat } from './numbered-chat.js';

/** Clients that use plain sockets, so that they can misbehave in ways that an HTTP library prevents. */
export class RawClients {
  readonly #experiment: Experiment;

  constructor(experiment: Experiment) {
    this.#experiment = experiment;
  }

  /** Builds the text of one request, and records the request as sent. Its answer is not recorded. */
  formatRequest(access: Access, { isStream = false } = {}): string {
    const number = this.#experiment.nextNumber();
    const body = JSON.stringify(buildChat({ grant: access.grant, number }, { isStream }));
    const seen: ChatResult = {
      grant: access.grant,
      number,
      target: undefined,
      isStream,
      sentAtMilliseconds: performance.now(),
      endedAtMilliseconds: performance.now(),
      status: undefined,
      isWhole: false,
      retryAfter: undefined,
      text: '',
    };
    this.#experiment.seen.push(seen);
    return `POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${access.accessToken}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  async open(proxy: number, options: { readonly allowHalfOpen?: boolean } = {}): Promise<Socket> {
    const socket = connect({
      port: this.#experiment.laboratory.resourceProxies[proxy]?.port ?? 0,
      host: '127.0.0.1',
      ...options,
    });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return socket.on('error', () => undefined).setEncoding('latin1');
  }

  /** Opens a stream and disconnects after `at` events: proxy 0 gets a TCP reset (RST), the others a normal close. */
  async leave(access: Access, { at, proxy }: { readonly at: number; readonly proxy: number }): Promise<void> {
    const socket = await this.open(proxy);
    socket.write(this.formatRequest(access, { isStream: true }));
    if (at > 0) {
      let events = 0;
      await new Promise<void>((resolve) => {
        socket.on('data', (text: string) => {
          events += text.split('data: ').length - 1;
          if (events >= at) resolve();
        });
        socket.once('close', resolve);
      });
    }
    if (proxy === 0) socket.resetAndDestroy();
    else socket.destroy();
  }
}

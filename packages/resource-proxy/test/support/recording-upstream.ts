import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that reached the AI provider. */
export interface Hit {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** False when the request broke off. */
  readonly isComplete: boolean;
}

export type Behaviour = (hit: Hit, response: ServerResponse) => void;

/** An AI provider that records every request, and answers as the test says. */
export class RecordingUpstream {
  readonly hits: Hit[] = [];
  behaviour: Behaviour = answerJson({ ok: true });
  /** Answers as soon as the headers have arrived. If it is undefined, `behaviour` answers after the whole request. */
  early: Behaviour | undefined;
  /** The requests whose headers have arrived and whose answer has not ended. */
  readonly open = new Set<IncomingMessage>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    // The timeout is long, so that an idle connection is not closed just when the proxy uses it.
    this.#server = createServer(
      { keepAliveTimeout: 75_000 },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream();
    await new Promise<void>((resolve) => {
      upstream.#server.listen(0, '127.0.0.1', resolve);
    });
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): Hit {
    const hit = this.hits.at(-1);
    if (hit === undefined) throw new Error('nothing reached the upstream');
    return hit;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  reset(): void {
    this.hits.length = 0;
    this.behaviour = answerJson({ ok: true });
    this.early = undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open.add(request);
    response.on('error', () => undefined).on('close', () => this.open.delete(request));
    const chunks: Buffer[] = [];
    const seen = () => ({
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks),
    });
    this.early?.({ ...seen(), isComplete: false }, response);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      this.hits.push({ ...seen(), isComplete: false });
      return;
    }
    const hit = { ...seen(), isComplete: request.complete };
    this.hits.push(hit);
    if (this.early === undefined) this.behaviour(hit, response);
  }
}

export function answerJson(body: unknown, status = 200, headers: Record<string, string | string[]> = {}): Behaviour {
  return (_hit, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Streams one event at each interval until the connection closes. */
export function streamForever(everyMilliseconds: number): Behaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = () => response.write('data: {"choices":[{"delta":{"content":"word "}}]}\n\n');
    send();
    const timer = setInterval(send, everyMilliseconds);
    response.on('close', () => clearInterval(timer));
  };
}

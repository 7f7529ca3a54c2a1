import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request that reached the AI provider. */
export interface UpstreamHit {
  readonly method: string;
  /** The path with the query, unchanged. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `performance.now()` of this process, in which the tests run too. */
  readonly arrivedAtMilliseconds: number;
}

export type UpstreamBehaviour = (hit: UpstreamHit, response: ServerResponse) => void;

/**
 * An AI provider that records each request before it answers it. Attack tests assert on these records, not only on
 * the answer to the attacker.
 */
export class RecordingUpstream {
  readonly hits: UpstreamHit[] = [];
  /** How the next requests are answered. */
  behaviour: UpstreamBehaviour = answerChat;
  /** The answers that have not ended yet. */
  readonly open = new Set<ServerResponse>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    // as long as a vendor's, so that an idle connection does not close just when the proxy uses it
    this.#server = createServer(
      { keepAliveTimeout: 75_000 },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param host the address to listen on */
  static async start(host = '127.0.0.1'): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream();
    await new Promise<void>((resolve) => {
      upstream.#server.listen(0, host, resolve);
    });
    return upstream;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAtMilliseconds = performance.now();
    this.open.add(response);
    response.on('error', () => undefined).on('close', () => this.open.delete(response));
    const hit: UpstreamHit = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : `${value}`,
        ]),
      ),
      body: await readText(request),
      arrivedAtMilliseconds,
    };
    this.hits.push(hit);
    this.behaviour(hit, response);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of request.setEncoding('latin1')) text += String(chunk);
  } catch {
    // the proxy hung up: record the bytes that arrived
  }
  return text;
}

/** A short, whole OpenAI chat completion. */
export function answerChat(_hit: UpstreamHit, response: ServerResponse): void {
  answerJson(response, 200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  });
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** An OpenAI stream that sends a word every few milliseconds and never ends by itself. */
export function streamForever(everyMilliseconds: number): UpstreamBehaviour {
  return (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };
    const line = `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    response.write(line);
    const timer = setInterval(() => response.write(line), everyMilliseconds);
    response.on('close', () => clearInterval(timer));
  };
}

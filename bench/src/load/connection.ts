import { connect, type Socket } from 'node:net';

/** The result of one request. All times are `performance.now()` of this process. */
export interface Answered {
  readonly status: number;
  readonly sentAt: number;
  /** When the first byte of the body arrived. */
  readonly firstByteAt: number;
  readonly endedAt: number;
  readonly bodyBytes: number;
  /** The whole answer, with its headers, if it was not 200. */
  readonly text: string;
}

const lastChunk = Buffer.from('0\r\n\r\n');
const nothing = Buffer.alloc(0);

/**
 * One keep-alive connection on a bare socket, with one request at a time. A client library would use more CPU than the
 * measured server, on the core that the load generator shares with the upstream and the database. The connection
 * understands what the contenders send: either a body with a length, or chunks. The data in the chunks has no carriage
 * return, so it cannot look like the last chunk.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #onAnswer: (answered: Answered) => void;
  #sentAt = 0;
  #firstByteAt = 0;
  #status = 0;
  /** The length of the body that the headers name, or 0 if they name none; negative while they are incomplete. */
  #missingBytes = -1;
  #isChunked = false;
  #bodyBytes = 0;
  #tail: Buffer = nothing;
  #text = '';

  private constructor(socket: Socket, onAnswer: (answered: Answered) => void, onLost: (error: Error) => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', onLost);
    socket.on('end', () => onLost(new Error(`the server closed a connection (status ${this.#status})`)));
  }

  static async open(
    port: number,
    onAnswer: (answered: Answered) => void,
    onLost: (error: Error) => void,
  ): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Connection(socket, onAnswer, onLost);
  }

  send(request: Buffer): void {
    this.#status = 0;
    this.#firstByteAt = 0;
    this.#missingBytes = -1;
    this.#bodyBytes = 0;
    this.#tail = nothing;
    this.#text = '';
    this.#sentAt = performance.now();
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const body = this.#status === 0 ? this.#readHead(bytes) : bytes;
    if (body === undefined) return;
    if (this.#firstByteAt === 0 && body.length > 0) this.#firstByteAt = performance.now();
    if (this.#status !== 200) this.#text += body.toString('latin1');
    this.#bodyBytes += body.length;
    if (this.#isChunked ? this.#isLastChunk(body) : this.#bodyBytes >= this.#missingBytes) this.#end();
  }

  /** @returns the bytes after the headers; undefined while the headers are incomplete */
  #readHead(bytes: Buffer): Buffer | undefined {
    const whole = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes]);
    const end = whole.indexOf('\r\n\r\n');
    if (end === -1) {
      this.#tail = whole;
      return undefined;
    }
    const head = whole.toString('latin1', 0, end).toLowerCase();
    this.#tail = nothing;
    this.#status = Number(head.slice(9, 12));
    this.#isChunked = head.includes('\r\ntransfer-encoding: chunked');
    const length = head.indexOf('\r\ncontent-length: ');
    this.#missingBytes = length === -1 ? 0 : Number.parseInt(head.slice(length + 18), 10);
    if (this.#status !== 200) this.#text = `${head}\n`;
    return whole.subarray(end + 4);
  }

  /** The last chunk may arrive in two pieces. */
  #isLastChunk(body: Buffer): boolean {
    this.#tail =
      body.length >= lastChunk.length
        ? body.subarray(-lastChunk.length)
        : Buffer.concat([this.#tail, body]).subarray(-lastChunk.length);
    return this.#tail.equals(lastChunk);
  }

  #end(): void {
    this.#onAnswer({
      status: this.#status,
      sentAt: this.#sentAt,
      firstByteAt: this.#firstByteAt,
      endedAt: performance.now(),
      bodyBytes: this.#bodyBytes,
      text: this.#text,
    });
  }
}

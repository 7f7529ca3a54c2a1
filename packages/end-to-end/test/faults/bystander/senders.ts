import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from './bomb.js';

export const chatPath = '/openai/v1/chat/completions';
export const uploadPath = '/openai/v1/audio/transcriptions';

export interface Sending {
  readonly path?: string;
  readonly token?: string;
  readonly type?: string;
  /** Further header lines, each with its line ending. */
  readonly lines?: string;
  readonly body: Buffer;
}

/** The request line and the headers of a request, without its body. */
export function formatHead({
  path = chatPath,
  token = '',
  type = 'application/json',
  lines = '',
  body,
}: Sending): string {
  return `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\n${lines}content-length: ${body.length}\r\n\r\n`;
}

/** Opens a connection. An error only closes it. */
export async function open({ target }: Attack): Promise<Socket> {
  const socket = connect(target.port, '127.0.0.1').on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve).once('close', () => resolve());
  });
  return socket;
}

/** Notes the status of each answer on a connection, until the connection or the attack ends. Closes the connection. */
export async function noteAnswers({ note, over }: Attack, socket: Socket): Promise<void> {
  socket.setEncoding('latin1').on('data', (text: string) => {
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) note(String(status));
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  await Promise.race([closed, over]);
  socket.destroy();
}

/** Sends one request after the other, each on its own connection, until the attack ends. */
export async function repeat(attack: Attack, sending: Sending): Promise<void> {
  const head = formatHead(sending).replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
  while (!attack.isOver()) {
    const socket = await open(attack);
    socket.write(head);
    socket.write(sending.body);
    await noteAnswers(attack, socket);
    // Wait after a refused connection instead of trying again at once.
    await sleep(2);
  }
}

/** Runs several senders at once, each until the attack ends. */
export function repeatAtOnce(attack: Attack, count: number, sending: (index: number) => Sending): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, (_, index) => repeat(attack, sending(index))));
}

/** Returns a token of each grant in turn. */
export function tokenOf({ target }: Attack, index: number): string {
  return target.live[index % target.live.length] ?? '';
}

/** Sends a head and some bytes at once and then a few bytes now and then, on many connections. */
export async function drip(
  attack: Attack,
  {
    sockets,
    start,
    drop,
    everyMilliseconds,
  }: {
    readonly sockets: number;
    readonly start: (index: number) => readonly (string | Buffer)[];
    readonly drop: string | Buffer;
    readonly everyMilliseconds: number;
  },
): Promise<void> {
  const one = async (index: number) => {
    while (!attack.isOver()) {
      const socket = await open(attack);
      for (const bytes of start(index)) socket.write(bytes);
      const timer = setInterval(() => socket.write(drop), everyMilliseconds);
      await noteAnswers(attack, socket);
      clearInterval(timer);
      await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: sockets }, (_, index) => one(index)));
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Bomb } from './bomb.js';
import { drip, formatHead, noteAnswers, open, repeatAtOnce, tokenOf, uploadPath } from './senders.js';

const megabyte = 1_000_000;
const boundary = 'bomb';
const type = `multipart/form-data; boundary=${boundary}`;
const part = (name: string, file = '') =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`;
const filePart = part('file', '; filename="a.wav"');

/** Sends the same form again and again, on several connections at once. */
function form(
  name: string,
  { connections, status }: { readonly connections: number; readonly status: number },
  build: () => Buffer,
): Bomb {
  return {
    name,
    status,
    throw: (attack) => {
      const body = build();
      return repeatAtOnce(attack, connections, (index) => ({
        path: uploadPath,
        token: tokenOf(attack, index),
        type,
        body,
      }));
    },
  };
}

/** Sends the same request without a body again and again, on several connections at once. */
async function askOnly(attack: Attack, connections: number, head: string): Promise<void> {
  const one = async () => {
    while (!attack.isOver()) {
      const socket = await open(attack);
      socket.write(head);
      await noteAnswers(attack, socket);
      await sleep(2);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}

/** A chat whose text tells the AI provider of the experiment what to answer. */
function askFor(attack: Attack, index: number, { what, stream }: { readonly what: string; readonly stream: boolean }) {
  const body = Buffer.from(
    JSON.stringify({ model: 'gpt-4o-mini', stream, messages: [{ role: 'user', content: `answer:${what}` }] }),
  );
  return { token: tokenOf(attack, index), body };
}

/** Attacks with forms, headers, query strings, idle connections and large answers of the AI provider. */
export const otherBombs: readonly Bomb[] = [
  form('forms whose file of 25 MB comes first', { connections: 4, status: 404 }, () =>
    Buffer.concat([
      Buffer.from(filePart),
      Buffer.alloc(25 * megabyte, 7),
      Buffer.from(`\r\n${part('model')}nobody\r\n--${boundary}--\r\n`),
    ]),
  ),
  form('forms full of text that almost matches their boundary', { connections: 4, status: 400 }, () =>
    Buffer.from(`${filePart}${`\r\n--${boundary.slice(0, -1)}`.repeat(2 * megabyte)}`, 'latin1'),
  ),
  form('forms of 60 fields of 400 kB', { connections: 4, status: 400 }, () =>
    Buffer.from(
      Array.from({ length: 60 }, () => `${part('include[]')}${'x'.repeat(400_000)}\r\n`).join('') +
        `--${boundary}--\r\n`,
    ),
  ),
  {
    name: 'heads of 15 kB with 700 names, on 50 sockets',
    status: 401,
    throw: (attack) =>
      askOnly(
        attack,
        50,
        `GET /openai/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${Array.from({ length: 700 }, (_, index) => `x-${index}: 1234567890\r\n`).join('')}\r\n`,
      ),
  },
  {
    name: 'queries of 14 kB, on 50 sockets',
    status: 200,
    throw: (attack) =>
      askOnly(
        attack,
        50,
        `GET /anthropic/v1/models?${Array.from({ length: 1_500 }, (_, index) => `a${index}=%41`).join('&')} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tokenOf(attack, 0)}\r\n\r\n`,
      ),
  },
  {
    name: 'tokens with forged signatures, on 50 sockets',
    status: 401,
    throw: (attack) =>
      askOnly(
        attack,
        50,
        `GET /openai/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tokenOf(attack, 0).slice(0, -8)}AAAAAAAA\r\n\r\n`,
      ),
  },
  {
    name: 'heads that come byte by byte, on 1,000 sockets',
    throw: (attack) =>
      drip(attack, {
        sockets: 1_000,
        start: () => ['GET /openai/v1/models HTTP/1.1\r\nhost: x\r\n'],
        drop: 'x',
        everyMilliseconds: 500,
      }),
  },
  {
    name: '2,000 connections that send nothing',
    throw: async (attack) => {
      await Promise.all(Array.from({ length: 2_000 }, async () => noteAnswers(attack, await open(attack))));
    },
  },
  {
    name: 'answers of 60 MB in one line of a stream, four at once',
    status: 200,
    throw: (attack) => repeatAtOnce(attack, 4, (index) => askFor(attack, index, { what: 'line', stream: true })),
  },
  {
    name: 'answers of 60 MB in one JSON object, four at once',
    status: 200,
    throw: (attack) => repeatAtOnce(attack, 4, (index) => askFor(attack, index, { what: 'json', stream: false })),
  },
  {
    name: 'answers of 4 MB of values, four at once',
    status: 200,
    throw: (attack) => repeatAtOnce(attack, 4, (index) => askFor(attack, index, { what: 'values', stream: false })),
  },
  {
    name: 'events of 1 MB of values, four at once',
    status: 200,
    throw: (attack) => repeatAtOnce(attack, 4, (index) => askFor(attack, index, { what: 'events', stream: true })),
  },
  {
    name: 'answers in chunks of one byte, four at once',
    status: 200,
    throw: (attack) => repeatAtOnce(attack, 4, (index) => askFor(attack, index, { what: 'bytes', stream: true })),
  },
  {
    name: 'unread answers of 60 MB, on 20 sockets',
    throw: async (attack) => {
      const one = async (index: number) => {
        const socket = await open(attack);
        const sending = askFor(attack, index, { what: 'line', stream: true });
        socket.write(formatHead(sending));
        socket.write(sending.body);
        await attack.over;
        socket.destroy();
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => one(index)));
    },
  },
];

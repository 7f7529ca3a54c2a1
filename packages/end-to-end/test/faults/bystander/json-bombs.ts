import { gzipSync } from 'node:zlib';
import type { Bomb } from './bomb.js';
import { chatPath, drip, formatHead, noteAnswers, open, repeat, repeatAtOnce, tokenOf } from './senders.js';

const megabyte = 1_000_000;

/** A body with a list of about this many bytes, whose items are all the same. */
function fill(bytes: number, piece: string, open = '[', close = ']', separator = ','): Buffer {
  const count = Math.floor(bytes / (piece.length + separator.length));
  return Buffer.from(chat(`${open}${Array(count).fill(piece).join(separator)}${close}`));
}

function chat(messages: string): string {
  return `{"model":"gpt-4o-mini","max_tokens":5,"messages":${messages}}`;
}

const emptyObjects = (bytes: number) => fill(bytes, '{}');
const text = (content: string) => Buffer.from(chat(`[{"role":"user","content":"${content}"}]`));
const picture = (bytes: number) =>
  Buffer.from(
    chat(
      `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,${'A'.repeat(bytes)}"}}]}]`,
    ),
  );

interface Loop extends Pick<Bomb, 'isShort'> {
  readonly path?: string;
  readonly connections: number;
  readonly status: number;
}

/** An attack that sends the same body again and again, on several connections at once. */
function loop(name: string, { connections, path = chatPath, ...bomb }: Loop, build: () => Buffer): Bomb {
  return {
    name,
    ...bomb,
    throw: (attack) => {
      const body = build();
      return repeatAtOnce(attack, connections, (index) => ({ path, token: tokenOf(attack, index), body }));
    },
  };
}

/** JSON bodies that are expensive to read. */
export const jsonBombs: readonly Bomb[] = [
  loop('30 MB of empty objects', { connections: 1, status: 400, isShort: true }, () => emptyObjects(30 * megabyte)),
  loop('30 MB of empty objects, seven at once', { connections: 7, status: 400 }, () => emptyObjects(30 * megabyte)),
  loop('30 MB of 1,1,1', { connections: 2, status: 400, isShort: true }, () => fill(30 * megabyte, '1')),
  loop('30 MB of escapes', { connections: 2, status: 400, isShort: true }, () => text('\\"'.repeat(15 * megabyte))),
  loop('10 MB of empty objects in a loop', { connections: 2, status: 400 }, () => emptyObjects(10 * megabyte)),
  loop('1 MB of empty objects in a loop', { connections: 4, status: 400, isShort: true }, () => emptyObjects(megabyte)),
  // just below the limits of a body that is checked in the event loop; an empty object counts as two values
  loop('250 kB with 4,900 empty objects, eight at once', { connections: 8, status: 200 }, () =>
    fill(14_700, '{}', '[{"role":"user","x":"'.padEnd(235_000, 'x').concat('","content":['), ']}]'),
  ),
  loop('390,000 values that are accepted, eight at once', { connections: 8, status: 200 }, () =>
    Buffer.from(chat(`[{"role":"user","content":[${Array(390_000).fill('1').join()}]}]`)),
  ),
  loop('31 MB of a picture, four at once', { connections: 4, status: 200, isShort: true }, () =>
    picture(31 * megabyte),
  ),
  // The form NFKC of Unicode replaces the character U+FDFA with 18 others.
  loop('12 MB of text that grows when it is normalised, four at once', { connections: 4, status: 200 }, () =>
    text('\ufdfa'.repeat(3_900_000)),
  ),
  loop('1.9 million escapes that are accepted, four at once', { connections: 4, status: 200 }, () =>
    text('\\u4e2d'.repeat(1_900_000)),
  ),
  loop('lists in lists, 60 deep', { connections: 8, status: 200 }, () =>
    fill(250_000, `${'['.repeat(60)}${']'.repeat(60)}`),
  ),
  loop('member names of 11 MB', { connections: 4, status: 200 }, () =>
    Buffer.from(chat(`[{"${'k'.repeat(11 * megabyte)}":1}]`)),
  ),
  loop('95,000 members', { connections: 4, status: 200 }, () =>
    Buffer.from(chat(`[{${Array.from({ length: 95_000 }, (_, index) => `"k${index}":1`).join()}}]`)),
  ),
  loop(
    '90,000 members to be stored',
    { path: '/openai/v1/conversations', connections: 4, status: 400, isShort: true },
    () => Buffer.from(`{"items":[{${Array.from({ length: 90_000 }, (_, index) => `"k${index}":1`).join()}}]}`),
  ),
  loop('numbers of 11 million digits', { connections: 4, status: 400 }, () =>
    Buffer.from(chat(`[{"role":"user","x":${'1'.repeat(11 * megabyte)}}]`)),
  ),
  loop('30 MB of spaces', { connections: 2, status: 400 }, () => Buffer.from(chat(`[${' '.repeat(30 * megabyte)}]`))),
  {
    name: 'compressed bodies of 50 MB',
    status: 415,
    throw: (attack) => {
      const body = gzipSync(emptyObjects(50 * megabyte));
      return repeatAtOnce(attack, 8, (index) => ({
        token: tokenOf(attack, index),
        lines: 'content-encoding: gzip\r\n',
        body,
      }));
    },
  },
  {
    name: 'a used-up grant sends 30 MB',
    status: 402,
    isShort: true,
    throw: (attack) => repeat(attack, { token: attack.target.exhausted, body: emptyObjects(30 * megabyte) }),
  },
  {
    name: 'a revoked grant sends 30 MB',
    status: 401,
    isShort: true,
    throw: (attack) => repeat(attack, { token: attack.target.revoked, body: emptyObjects(30 * megabyte) }),
  },
  {
    name: 'eight sockets send 31 MB and then 1 kB a second',
    isShort: true,
    throw: (attack) => {
      const body = Buffer.alloc(31 * megabyte + 500_000, ' ');
      const start = body.subarray(0, 31 * megabyte);
      return drip(attack, {
        sockets: 8,
        start: (index) => [formatHead({ token: tokenOf(attack, index), body }), start],
        drop: ' '.repeat(250),
        everyMilliseconds: 250,
      });
    },
  },
  {
    name: '30 MB are announced by 500 sockets and never sent',
    status: 408,
    throw: (attack) =>
      drip(attack, {
        sockets: 500,
        start: (index) => [
          formatHead({ token: tokenOf(attack, index), body: Buffer.alloc(0) }).replace('length: 0', 'length: 30000000'),
        ],
        drop: ' ',
        everyMilliseconds: 1_000,
      }),
  },
  {
    name: 'chunks of one byte',
    status: 400,
    throw: (attack) => {
      const chunks = Buffer.from('1\r\n \r\n'.repeat(100_000));
      const one = async (index: number) => {
        while (!attack.isOver()) {
          const socket = await open(attack);
          const head = formatHead({ token: tokenOf(attack, index), body: Buffer.alloc(0) });
          socket.write(head.replace('content-length: 0', 'transfer-encoding: chunked'));
          const send = () => {
            while (!socket.destroyed && socket.write(chunks));
          };
          socket.on('drain', send);
          send();
          await noteAnswers(attack, socket);
        }
      };
      return Promise.all([one(0), one(1), one(2), one(3)]);
    },
  },
  {
    name: '1,000 small requests are pipelined on each of four sockets',
    status: 404,
    throw: async (attack) => {
      const body = Buffer.from('{"model":"nobody","messages":[]}');
      const one = async (index: number) => {
        while (!attack.isOver()) {
          const socket = await open(attack);
          socket.write(`${formatHead({ token: tokenOf(attack, index), body })}${body.toString()}`.repeat(1_000));
          await noteAnswers(attack, socket);
        }
      };
      await Promise.all([0, 1, 2, 3].map(one));
    },
  },
  loop('many small requests on 50 sockets', { connections: 50, status: 200, isShort: true }, () => text('Hello')),
];

export { chatPath };

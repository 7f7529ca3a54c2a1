import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openExchange } from '../src/exchange.js';
import { AnswerRelay } from '../src/forwarding/answer-relay.js';
import type { Outcome } from '../src/forwarding/outcome.js';
import { defaultLimits } from '../src/limits.js';
import { createMeter } from '../src/metering/create-meter.js';
import { LiveRequest } from '../src/revocation/live-requests.js';
import { AnswerFilter } from '../src/secrecy/answer-filter.js';
import { Secret } from '../src/secret.js';
import { upstreamApis } from '../src/upstreams/upstream-apis.js';

type Answer = (relay: AnswerRelay, response: ServerResponse) => Promise<void>;

let answer: Answer = () => Promise.resolve();
const outcomes: Promise<Outcome>[] = [];
const server = createServer((request, response) => {
  const relay = openRelay(request, response);
  outcomes.push(relay.outcome);
  void answer(relay, response);
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function openRelay(request: IncomingMessage, response: ServerResponse): AnswerRelay {
  return new AnswerRelay({
    exchange: openExchange({ now: Date.now, readDialect: () => 'openai', trustedProxyHops: 0 }, request, response),
    live: new LiveRequest(),
    api: upstreamApis.openai,
    filter: new AnswerFilter(
      { key: new Secret('sk-0123456789abcdef0123456789'), kind: 'account' },
      'openai.chat/completions',
    ),
    limits: { ...defaultLimits, stalledClientMilliseconds: 300 },
    meter: createMeter({ operationId: 'openai.chat/completions', hidesUsage: false }),
    now: Date.now,
  });
}

it('an answer ends as client_stalled if its client stops reading after the upstream has sent everything', async () => {
  answer = async (relay, response) => {
    relay.start(200, { 'content-type': 'text/event-stream' });
    // Write until the client's socket is full, but stay below the limit at which the upstream is paused.
    while (response.writableLength < 4_096) {
      relay.data(Buffer.alloc(8_192, 'a'));
      await nextTurn();
    }
    expect(response.writableNeedDrain).toBe(false);
    relay.data(Buffer.alloc(60_000, 'b'));
    relay.end();
  };
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  while (outcomes.length === 0) await nextTurn();
  expect(await outcomes[0]).toEqual({ kind: 'broken', status: 200, reason: 'client_stalled' });
  socket.destroy();
});

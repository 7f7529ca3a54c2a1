import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { smallChat } from './harness/chat.js';
import { connect } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let accessToken: string;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  ({ accessToken } = await connect(deployment));
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** Sends a request with exactly this target and these headers. @returns the status of the answer */
async function ask(target: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const body = JSON.stringify(smallChat);
  const all = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(deployment.resourceProxyUrl, { method: 'POST', path: target, headers: all }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.on('error', reject).end(body);
  });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.2: invalid text in paths, queries and headers causes no 5xx, and the proxy forwards none of it in a path or query', async () => {
  const texts = ['%00', 'a%00b', '%ff', '%ed%a0%80', '%', '%zz', '%c3%28', '__proto__', '%2e%2e%2f', '9'.repeat(300)];
  const chat = '/openai/v1/chat/completions';
  const answered: (readonly [string, number])[] = [];
  for (const text of texts)
    for (const target of [
      `/${text}`,
      `${chat}/${text}`,
      `/google/v1beta/models/${text}:generateContent`,
      `/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=${text}`,
      `/v1/grant?${text}`,
    ])
      answered.push([target, await ask(target)]);
  expect(answered.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
  expect(upstream.hits).toEqual([]);
  // The proxy leaves out unknown parameters.
  for (const text of texts) for (const query of [`${text}=x`, `x=${text}`]) await ask(`${chat}?${query}`);
  expect(new Set(upstream.hits.map(({ target }) => target))).toEqual(new Set(['/v1/chat/completions']));

  const bytes = ['\u00e9'.repeat(20), '\u0080\u00ff', '"', '%00', '\t', ' '.repeat(300), 'x'.repeat(2_000)];
  const names = [
    'idempotency-key',
    'x-request-id',
    'origin',
    'accept',
    'content-type',
    'content-encoding',
    'x-api-key',
  ];
  const others = ['anthropic-version', 'anthropic-beta', 'openai-organization', 'x-goog-api-client', 'traceparent'];
  const statuses: (readonly [string, number])[] = [];
  for (const name of [...names, ...others])
    for (const value of bytes) statuses.push([`${name}: ${value}`, await ask(chat, { [name]: value })]);
  expect(statuses.filter(([, status]) => status >= 500)).toEqual([]);
  expect(deployment.output()).not.toContain('unexpected_error');
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { smallChat } from './harness/chat.js';
import { type Connection, connect } from './harness/connect.js';
import { password } from './harness/create-account.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { operatorKey } from './harness/server-environments.js';
import { type CollectedSpan, TraceCollector } from './harness/trace-collector.js';
import { waitUntil } from './harness/wait-until.js';

const proxyService = 'aipassport-resource-proxy';
const issuerService = 'aipassport-authorization-server';
const prompt = 'canary prompt: the wren sings at noon';

let upstream: RecordingUpstream;
let collector: TraceCollector;
let deployment: Deployment;
let connection: Connection;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  collector = await TraceCollector.start();
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    variables: () => ({ 'authorization-server': variables, 'resource-proxy': variables }),
  });
  connection = await connect(deployment);
}, 60_000);

afterAll(async () => {
  await deployment?.stop();
  await collector?.stop();
  await upstream?.stop();
});

const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);

async function chatIn(traceparent: string, requestId: string): Promise<void> {
  const answer = await fetch(`${deployment.resourceProxyUrl}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${connection.accessToken}`,
      'content-type': 'application/json',
      'x-request-id': requestId,
      traceparent,
      tracestate: 'vendor=canary-state',
      baggage: 'person=canary-baggage',
    },
    body: JSON.stringify({ ...smallChat, messages: [{ role: 'user', content: prompt }] }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
}

function find(spans: readonly CollectedSpan[], service: string, name: RegExp): CollectedSpan {
  const found = spans.find((span) => span.service === service && name.test(span.name));
  if (found === undefined) throw new Error(`no ${name} of ${service} among ${spans.map((span) => span.name).join()}`);
  return found;
}

it('one trace covers a request from the client through the proxy, the authorization server and its database to the provider', async () => {
  const traceId = randomBytes(16).toString('hex');
  const clientSpan = randomBytes(8).toString('hex');
  // the last two digits ask the servers not to record the trace, but the servers ignore that
  await chatIn(`00-${traceId}-${clientSpan}-00`, 'traced-request');
  await waitUntil(
    () =>
      spansOf(traceId).some(({ service, name }) => service === issuerService && name.startsWith('POST')) &&
      spansOf(traceId).some(({ service, name }) => service === proxyService && name.startsWith('POST')),
    'both servers have sent their spans',
    30_000,
  );
  const spans = spansOf(traceId);
  const request = find(spans, proxyService, /^POST openai\.chat/);
  expect(request.parentSpanId).toBe(clientSpan);
  const authenticate = find(spans, proxyService, /^authenticate$/);
  const admit = find(spans, proxyService, /^admit$/);
  const forward = find(spans, proxyService, /^forward$/);
  for (const step of [authenticate, admit, forward]) expect(step.parentSpanId).toBe(request.spanId);
  const introspection = find(spans, issuerService, /^POST \/introspect$/);
  expect(introspection.parentSpanId).toBe(authenticate.spanId);
  const statement = find(spans, issuerService, /^sql /);
  expect(statement.parentSpanId).toBe(introspection.spanId);
  expect(upstream.hits.at(-1)?.headers['traceparent']).toBe(`00-${traceId}-${forward.spanId}-01`);
  // the log names the trace, and the span names the line of the log
  expect(JSON.stringify(request.attributes)).toContain('traced-request');
  const lines = (await readWholeOutput(deployment)).split('\n').filter((line) => line.includes(traceId));
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event).sort()).toEqual([
    'proxied_request',
    'request',
  ]);
});

it('a malformed traceparent is ignored, and a new trace begins', async () => {
  const strange = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
  await chatIn(strange, 'untraced-request');
  const hit = upstream.hits.at(-1);
  expect(hit?.headers['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const traceId = hit?.headers['traceparent']?.split('-')[1] ?? '';
  await waitUntil(() => spansOf(traceId).some(({ name }) => name.startsWith('POST')), 'the span is sent', 30_000);
  expect(spansOf(traceId).find(({ name }) => name.startsWith('POST'))?.parentSpanId ?? '').toBe('');
});

it('baggage and tracestate of a client are not forwarded', async () => {
  const hit = upstream.hits.at(-1);
  expect(Object.keys(hit?.headers ?? {}).filter((name) => /^(baggage|tracestate|b3)/.test(name))).toEqual([]);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('G1: no span contains a prompt, a token, a key, a password or a person’s data', () => {
  expect(collector.spans.length).toBeGreaterThan(20);
  const { accessToken, tokens, owner, client } = connection;
  const secrets = [
    prompt,
    'canary',
    'Hello',
    accessToken,
    tokens.refresh_token ?? 'none',
    operatorKey,
    password,
    owner.credentials.email,
    deployment.proxyClient.secret,
    String(client.configuration.clientMetadata().client_secret ?? 'no-secret'),
  ];
  for (const secret of secrets)
    expect([secret.slice(0, 6), collector.text.includes(secret)]).toEqual([secret.slice(0, 6), false]);
});

import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import OpenAI from 'openai';
import { mp3Of } from './support/recording.js';
import type { Behaviour } from './support/recording-upstream.js';
import { chatPath, TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

/** As long and as random as the secret part of an older project key of OpenAI. */
const secret = 'T3BlbkFJq7ZxWv2Lm9RtYb4NcKdE1HgPsUaJo6-_5XwZy';
const key = `sk-proj-${secret}`;
const minRun = 12;

let proxy: TestProxy;
let token: string;
let grantId: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  const scope = 'model:gpt-4o-mini model:whisper-1 model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat cap:audio';
  const { grant } = ({ token } = await proxy.connect(scope));
  grantId = grant.id;
  for (const upstream of ['openai', 'anthropic', 'google'] as const)
    await proxy.addProviderKey(grant.accountId, upstream, key);
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

const spellings: Record<string, string> = {
  'as it is': key,
  'all but its last character': key.slice(0, -1),
  'all but its first character': key.slice(1),
  'its second half': key.slice(-22),
  'in base64': Buffer.from(`Bearer ${key}`).toString('base64'),
};
/** Further encodings, which are tested in bodies only: readers of a header do not decode them. */
const escaped: Record<string, string> = {
  ...spellings,
  'with an escape of JSON': key.replaceAll('-', '\\u002d'),
  'with an escape within an escape': key.replaceAll('-', '\\\\u002d'),
  'percent-encoded': key.replaceAll('-', '%2d'),
};

/** Decodes JSON escapes and percent-encoding, as a reader of an answer may do. */
function undo(text: string): string {
  return text
    .replace(/\\+u([0-9a-f]{4})/gi, (_match, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/%([0-9a-f]{2})/gi, (_match, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/**
 * Requires that a text has no `minRun` successive characters of the provider key. Case is ignored, because a media type
 * may be sent in lower case.
 */
function expectNoKey(name: string, shown: string): void {
  const texts = [shown, undo(shown), ...(shown.match(/[\w+/-]{16,}/g) ?? []).flatMap(decodeBase64)];
  const runs = Array.from({ length: secret.length - minRun + 1 }, (_, start) => secret.slice(start, start + minRun));
  const found = texts.flatMap((text) => runs.filter((run) => text.toLowerCase().includes(run.toLowerCase())));
  expect([name, found]).toEqual([name, []]);
}

function decodeBase64(text: string): string[] {
  return [0, 1, 2, 3].map((skip) => Buffer.from(text.slice(skip), 'base64').toString('latin1'));
}

async function readAll(answer: Response): Promise<string> {
  return `${JSON.stringify([...answer.headers])}\n${await answer.text().catch(() => 'broken off')}`;
}

const answer =
  (status: number, contentType: string, body: string, headers: Record<string, string> = {}): Behaviour =>
  (_hit, response) =>
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);

function upload(): Promise<Response> {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob([mp3Of(2_000)]), 'a.wav');
  return fetch(`${proxy.url}/openai/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
}

const requests: Record<string, () => Promise<Response>> = {
  chat: () => proxy.chat(token),
  stream: () => proxy.chat(token, { stream: true }),
  upload,
  messages: () =>
    proxy.post('/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] }, token),
  content: () => proxy.post('/google/v1beta/models/gemini-2.5-flash:streamGenerateContent', { contents: [] }, token),
};

// The ids at the beginning of titles are rows of docs/security.md.
it('3.3: no header of an answer contains the provider key, in whichever header and encoding the upstream sent it', async () => {
  const names = [
    'x-request-id',
    'request-id',
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
    'openai-processing-ms',
    'openai-organization',
    'set-cookie',
    'x-any',
  ];
  for (const [spelling, written] of Object.entries(spellings))
    for (const status of [200, 429, 500]) {
      const headers = Object.fromEntries(names.map((name) => [name, written]));
      for (const contentType of ['application/json', `audio/${written}`, `text/plain; charset=${written}`, written]) {
        proxy.upstream.behaviour = answer(status, contentType, '{}', headers);
        const got = await proxy.chat(token);
        expect(got.status).toBe(status);
        expectNoKey(`${spelling} ${status} ${contentType}`, await readAll(got));
      }
    }
  // a header without the provider key is passed on
  proxy.upstream.behaviour = answer(429, 'application/json', '{}', {
    'x-request-id': 'req_0123456789abcdef',
    'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT',
  });
  const honest = await proxy.chat(token);
  expect(honest.headers.get('x-upstream-request-id')).toBe('req_0123456789abcdef');
  expect(honest.headers.get('retry-after')).toBe('Wed, 21 Oct 2026 07:28:00 GMT');
});

it('3.3: no body of an answer or error contains the provider key, whatever its encoding, transfer and place', async () => {
  for (const [spelling, written] of Object.entries(escaped)) {
    const bodies: [number, string, string][] = [
      [200, 'application/json', `{"id":"a","text":"it is ${written}"}`],
      [200, 'application/json', `{"text":"${written}`],
      [200, 'text/plain', `it is ${written}`],
      [200, 'audio/mpeg', `\0\xff${written}`],
      [200, 'text/event-stream', `data: {"choices":[{"delta":{"content":"it is ${written}"}}]}\n\n`],
      [200, 'text/event-stream', `: ${written}\nevent: ${written}\nid: ${written}\ndata: ${written}`],
      [200, 'text/event-stream', `data: {"error":{"message":"${written}","code":"${written}"}}\n\n`],
      [400, 'application/json', `{"error":{"message":"it is ${written}","type":"${written}","param":"${written}"}}`],
      [500, 'application/json', `{"error":{"message":"x","code":"${written}"},"type":"error"}`],
      [503, 'text/html', written],
    ];
    for (const [status, type, body] of bodies) {
      proxy.upstream.behaviour = answer(status, type, body);
      for (const [way, send] of Object.entries(requests)) {
        const got = await send();
        expect(got.status).toBe(status);
        expectNoKey(`${spelling} ${status} ${type} ${way}`, await readAll(got));
      }
    }
  }
}, 60_000);

it('3.3: an answer without the provider key is passed on unchanged, with its Content-Length', async () => {
  const body = JSON.stringify({
    text: 'Keys begin with sk-proj- or sk-ant-api03-; error, org-mode and proj_2024_budget are words. 100%25 \\u0041 "error":',
    organization: 'we',
    nested: { error: null, list: ['sk-proj-T3BlbkFJ', 'org-AbCdEf123456'] },
    // arguments that a model writes for a tool
    args: { project: 'apollo-2024', error: 'project alpha of ann@example.org', organization: 'proj_2024_budget' },
  });
  for (const [type, text] of [
    ['application/json', body],
    ['text/plain', body],
    ['text/event-stream', `event: message\ndata: ${body}\n\n: comment\n\ndata: [DONE]\n\n`],
  ] as const) {
    proxy.upstream.behaviour = answer(200, type, text, { 'content-length': String(Buffer.byteLength(text)) });
    const got = await proxy.chat(token);
    expect([type, await got.text()]).toEqual([type, text]);
    expect(got.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
  }
});

const names = [
  'org-AbCdEf123456GhIj',
  'proj_ABCDEF1234567',
  '0f9b8c7d-1234-4321-abcd-1234567890ab',
  'projects/987654321',
];
const said = `Rate limit reached in organization ${names[0]} of project ${names[1]}, consumer ${names[3]}, owner@example.org`;

it('3.3: the owner’s organisation and project are in no header, error, event or body of an answer', async () => {
  const known = {
    'openai-organization': names[0] ?? '',
    'openai-project': names[1] ?? '',
    'anthropic-organization-id': names[2] ?? '',
    'x-goog-user-project': 'my-project-987654321',
  };
  const error = {
    message: said,
    type: 'tokens',
    code: names[0],
    param: names[1],
    details: [{ metadata: { consumer: names[3] } }],
  };
  const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const cases: [string, number, string, string, Record<string, string>][] = [
    ['an error', 429, 'application/json', JSON.stringify({ error, request_id: names[0] }), {}],
    ['a header', 200, 'application/json', '{}', { 'x-request-id': names[1] ?? '', 'retry-after': names[0] ?? '' }],
    ['an error in an answer that succeeds', 200, 'application/json', JSON.stringify({ status: 'failed', error }), {}],
    ['an error that is a text', 200, 'application/json', JSON.stringify({ error: `in ${names[0]}, ${names[1]}` }), {}],
    [
      'an event that is an error',
      200,
      'text/event-stream',
      event({ type: 'error', message: said, code: names[0] }),
      {},
    ],
    ['an error in an event', 200, 'text/event-stream', event({ error }), {}],
    ['a failed response', 200, 'text/event-stream', event({ type: 'response.failed', response: { error } }), {}],
    [
      'a failed response of some length',
      200,
      'text/event-stream',
      event({ type: 'response.failed', response: { instructions: 'x'.repeat(100_000), error } }),
      {},
    ],
    ['an element of a list', 200, 'application/json', JSON.stringify([{ candidates: [] }, { error }]), {}],
    ['a member', 200, 'application/json', JSON.stringify({ organization: names[0], project_id: names[1] }), {}],
    [
      'a text that repeats a header',
      200,
      'application/json',
      JSON.stringify({ text: names.slice(0, 3).join() }),
      known,
    ],
    ['an event that repeats a header', 200, 'text/event-stream', event({ text: names.slice(0, 3).join() }), known],
  ];
  for (const [name, status, type, body, headers] of cases) {
    proxy.upstream.behaviour = answer(status, type, body, headers);
    for (const [way, send] of Object.entries(requests)) {
      const shown = await readAll(await send());
      for (const each of [...names, 'owner@example.org', 'my-project-987654321'])
        expect([name, way, each, shown.includes(each)]).toEqual([name, way, each, false]);
      if (shown.includes('text/event-stream'))
        expect(() => JSON.parse(/^data: (.*)$/m.exec(shown)?.[1] ?? '')).not.toThrow();
    }
  }
});

it('3.3: a common word in the owner’s organisation name is not masked in an answer', async () => {
  proxy.upstream.behaviour = answer(200, 'application/json', '{"text":"acme is a word"}', {
    'openai-organization': 'acme',
  });
  expect(await (await proxy.chat(token)).text()).toBe('{"text":"acme is a word"}');
});

/** A sentence that contains the provider key. The key is cut into pieces of `length` characters. */
function cutIntoPieces(length: number): string[] {
  return ['It ', 'is ', ...(key.match(new RegExp(`.{1,${length}}`, 'g')) ?? []), ' indeed.'];
}

const streamOf =
  (events: readonly unknown[], isNamed = false): Behaviour =>
  (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const texts = events.map((each) => {
      const data = `data: ${JSON.stringify(each)}\n\n`;
      return isNamed ? `event: ${(each as { type: string }).type}\n${data}` : data;
    });
    let at = 0;
    const timer = setInterval(() => {
      if (at < texts.length) response.write(texts[at]);
      else response.end();
      at += 1;
    }, 1);
    response.on('close', () => clearInterval(timer));
  };

async function collect<T>(
  events: AsyncIterable<T>,
  read: (event: T) => string | undefined,
): Promise<[string, unknown]> {
  let text = '';
  try {
    for await (const event of events) text += read(event) ?? '';
  } catch (error) {
    return [text, error];
  }
  return [text, undefined];
}

it('3.3: a stream whose events together contain the provider key ends with an error before twelve characters of it have passed', async () => {
  const openai = new OpenAI({ baseURL: `${proxy.url}/openai/v1`, apiKey: token, maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: `${proxy.url}/anthropic`, apiKey: token, maxRetries: 0 });
  const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: `${proxy.url}/google` } });
  const ask = { model: 'gpt-4o-mini', stream: true as const };
  const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const dialects: Record<string, (pieces: readonly string[]) => Promise<[string, unknown]>> = {
    chat: async (pieces) => {
      const choice = (content: string) => ({ index: 0, delta: { content }, finish_reason: null });
      // between the pieces of this answer come pieces of another answer to the same request
      const other = { choices: [{ index: 1, delta: { content: 'and ' }, finish_reason: null }] };
      proxy.upstream.behaviour = streamOf(pieces.flatMap((piece) => [{ id: 'x', choices: [choice(piece)] }, other]));
      return collect(await openai.chat.completions.create({ ...ask, messages: [] }), ({ choices: [first] }) =>
        first?.index === 0 ? (first.delta.content ?? '') : '',
      );
    },
    'arguments of a tool': async (pieces) => {
      const delta = (piece: string) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
      proxy.upstream.behaviour = streamOf(pieces.map((piece) => ({ choices: [{ index: 0, delta: delta(piece) }] })));
      return collect(
        await openai.chat.completions.create({ ...ask, messages: [] }),
        ({ choices: [first] }) => first?.delta.tool_calls?.[0]?.function?.arguments,
      );
    },
    responses: async (pieces) => {
      const event = { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0 };
      proxy.upstream.behaviour = streamOf(
        pieces.map((delta) => ({ ...event, delta })),
        true,
      );
      return collect(await openai.responses.create({ ...ask, input: 'x' }), (each) =>
        each.type === 'response.output_text.delta' ? each.delta : '',
      );
    },
    messages: async (pieces) => {
      const delta = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
      proxy.upstream.behaviour = streamOf([block, ...pieces.map(delta)], true);
      const request = { model: 'claude-haiku-4-5', max_tokens: 5, messages: [], stream: true as const };
      return collect(await anthropic.messages.create(request), (each) =>
        each.type === 'content_block_delta' && each.delta.type === 'text_delta' ? each.delta.text : '',
      );
    },
    content: async (pieces) => {
      const candidate = (text: string) => ({ candidates: [{ content: { parts: [{ text }] } }] });
      proxy.upstream.behaviour = streamOf(pieces.map(candidate));
      return collect(
        await google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'x' }),
        ({ text }) => text,
      );
    },
  };
  for (const [name, read] of Object.entries(dialects))
    for (const length of [1, 3, 11]) {
      const [text, error] = await read(cutIntoPieces(length));
      expect([name, length, text.startsWith('It is sk-'), error]).toEqual([name, length, true, expect.any(Error)]);
      expectNoKey(`${name} in pieces of ${length}`, text);
      expect(text).not.toContain('indeed');
    }
  await waitUntil(async () => {
    const { rows } = await sql<{ settlement: string; status: number }>`
      select settlement, status from ledger where grant_id = ${grantId} and settlement = 'produced'`.execute(
      proxy.database.db,
    );
    return rows.length >= Object.keys(dialects).length * 3;
  }, 'they are charged for what was received');
  expect(proxy.lines.join('')).not.toContain(secret.slice(0, minRun));
});

it('3.3: a list from Google whose elements together contain the provider key is broken off', async () => {
  const candidate = (text: string) => JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] });
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const elements = cutIntoPieces(3).map((piece, at) => `${at === 0 ? '[' : ',\n'}${candidate(piece)}`);
    const timer = setInterval(() => {
      const next = elements.shift();
      if (next === undefined) response.end(']');
      else response.write(next);
    }, 1);
    response.on('close', () => clearInterval(timer));
  };
  const got = await proxy.post('/google/v1beta/models/gemini-2.5-flash:streamGenerateContent', { contents: [] }, token);
  await expect(got.text()).rejects.toThrow();
});

it('3.3: text with the characters of the provider key in another order is passed on', async () => {
  const pieces = Array.from(secret).toReversed();
  proxy.upstream.behaviour = streamOf(pieces.map((content) => ({ choices: [{ index: 0, delta: { content } }] })));
  const text = await (await proxy.post(chatPath, { model: 'gpt-4o-mini', stream: true, messages: [] }, token)).text();
  expect([...text.matchAll(/"content":"(.)"/g)].map(([, character]) => character)).toEqual(pieces);
});

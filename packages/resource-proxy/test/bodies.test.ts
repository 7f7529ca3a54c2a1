import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chat, chatPath, chatScope, TestProxy } from './support/test-proxy.js';

const responsesPath = '/openai/v1/responses';
const messagesPath = '/anthropic/v1/messages';
const generatePath = '/google/v1beta/models/gemini-2.5-flash:generateContent';
const everything =
  'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash model:gpt-image-1 model:text-embedding-3-small model:tts-1 cap:chat cap:images cap:audio cap:embeddings';
const message = { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] };

let proxy: TestProxy;
let token: string;
let toolsToken: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect(everything));
  ({ token: toolsToken } = await proxy.connect(`${everything} model:gpt-5-mini cap:tools.web cap:code`));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

function sent(): Record<string, unknown> {
  return JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;
}

async function expectRefused(
  cases: readonly (readonly [string, string, unknown])[],
  status: number,
  by = token,
): Promise<void> {
  for (const [name, path, body] of cases) {
    const answer = await proxy.post(path, body, by);
    expect([name, answer.status, await answer.text()]).toEqual([name, status, expect.any(String)]);
  }
  expect(proxy.upstream.hits).toEqual([]);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5: a member that is named twice is refused, in any order, spelling and depth', async () => {
  const cases = [
    '{"model":"gpt-4o-mini","messages":[],"model":"gpt-4o"}',
    '{"model":"gpt-4o","messages":[],"model":"gpt-4o-mini"}',
    '{"model":"gpt-4o-mini","messages":[],"\\u006dodel":"gpt-4o"}',
    '{"model":"gpt-4o-mini","model":"gpt-4o-mini","messages":[]}',
    '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a","content":"b"}]}',
    '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a"}],"metadata":{"a":1,"\\u0061":2}}',
  ];
  await expectRefused(
    cases.map((body) => [body, chatPath, body]),
    400,
  );
  await expectRefused(
    [['two spellings', generatePath, { contents: [], systemInstruction: {}, system_instruction: {} }]],
    400,
  );
});

it('3.5: the forwarded body is written from the checked values', async () => {
  const body = '\n {"messages" :[ {"role":"user","content":"\\u0041\\/"}] ,\t"model":"\\u0067pt-4o-mini"} \r\n';
  expect((await proxy.post(chatPath, body, token)).status).toBe(200);
  expect(proxy.upstream.last.body.toString()).toBe(
    '{"messages":[{"role":"user","content":"A/"}],"model":"gpt-4o-mini","service_tier":"default","max_completion_tokens":16384}',
  );
});

it('3.5: member names that reach prototypes (`__proto__`) are refused', async () => {
  await expectRefused(
    [
      ['__proto__', chatPath, `{"model":"gpt-4o-mini","messages":[],"__proto__":{"model":"gpt-4o"}}`],
      ['__proto__ in data', chatPath, `{"model":"gpt-4o-mini","messages":[],"metadata":{"__proto__":{}}}`],
      ['nested constructor', chatPath, { ...chat, messages: [{ role: 'user', constructor: {} }] }],
    ],
    400,
  );
});

it('3.5, X1: numbers that multiply the cost must be whole and within bounds', async () => {
  const values = ['1e400', '9007199254740993', '-1', '"5"', '5.5', '[1]', '{}', 'true', '0', '1e9'];
  const cases = ['n', 'max_tokens', 'max_completion_tokens'].flatMap((field) =>
    values.map(
      (value) => [`${field}=${value}`, chatPath, `{"model":"gpt-4o-mini","messages":[],"${field}":${value}}`] as const,
    ),
  );
  await expectRefused(cases, 400);
  await expectRefused(
    values.map((value) => [
      `max_output_tokens=${value}`,
      responsesPath,
      `{"model":"gpt-4o-mini","input":"x","max_output_tokens":${value}}`,
    ]),
    400,
  );
  await expectRefused(
    // Anthropic accepts 0: the request then only fills the cache.
    values
      .filter((value) => value !== '0')
      .map((value) => [
        `max_tokens=${value}`,
        messagesPath,
        `{"model":"claude-haiku-4-5","messages":[],"max_tokens":${value}}`,
      ]),
    400,
  );
  const google = ['maxOutputTokens', 'max_output_tokens', 'candidateCount', 'candidate_count'].flatMap((field) =>
    values.map(
      (value) =>
        [`${field}=${value}`, generatePath, `{"contents":[],"generation_config":{"${field}":${value}}}`] as const,
    ),
  );
  await expectRefused(google, 400);
  await expectRefused([['images', '/openai/v1/images/generations', { model: 'gpt-image-1', prompt: 'x', n: 11 }]], 400);
  for (const value of [null, 1]) expect((await proxy.chat(token, { n: value, max_tokens: value })).status).toBe(200);
});

it('3.5: a body must be well-formed UTF-8 without a byte order mark, and without halves of surrogate pairs', async () => {
  const text = JSON.stringify(chat);
  await expectRefused(
    [
      ['BOM', chatPath, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
      ['invalid UTF-8', chatPath, Buffer.from(text.replace('Hello', '\u00ff'), 'latin1')],
      ['UTF-16', chatPath, Buffer.from(text, 'utf16le')],
      ['lone surrogate', chatPath, text.replace('Hello', '\\ud800')],
      ['lone surrogate in a name', chatPath, text.replace('"messages"', '"metadata":{"\\udc00":1},"messages"')],
      ['nothing', chatPath, ''],
      ['no JSON', chatPath, '{model:1}'],
      ['two values', chatPath, `${text}${text}`],
      ['a list', chatPath, `[${text}]`],
      ['null', chatPath, 'null'],
    ],
    400,
  );
  for (const type of [
    'text/plain',
    'application/json; charset=utf-16',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ])
    expect([type, (await proxy.chat(token, {}, { headers: { 'content-type': type } })).status]).toEqual([type, 415]);
  expect(proxy.upstream.hits).toEqual([]);
  for (const type of ['application/json; charset=UTF-8', 'application/json;', 'Application/JSON; v=1; charset="utf-8"'])
    expect([type, (await proxy.chat(token, {}, { headers: { 'content-type': type } })).status]).toEqual([type, 200]);
});

it('3.5: compressed bodies are refused unread, so that a zip bomb is never unpacked', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(50_000_000));
  const before = process.memoryUsage().rss;
  for (const [encoding, body] of [
    ['br', bomb],
    ['gzip', gzipSync(JSON.stringify(chat))],
    ['deflate', bomb],
    ['gzip, gzip', bomb],
    ['zstd', bomb],
  ] as const)
    expect([
      encoding,
      (await proxy.post(chatPath, body, token, { headers: { 'content-encoding': encoding } })).status,
    ]).toEqual([encoding, 415]);
  expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.5: deep, wide and long bodies are refused in bounded time', async () => {
  const startedAt = performance.now();
  await expectRefused(
    [
      ['deep', chatPath, `{"model":"gpt-4o-mini","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      ['deep and open', chatPath, '['.repeat(1_000_000)],
      [
        'wide',
        chatPath,
        `{"model":"gpt-4o-mini","metadata":{${Array.from({ length: 200_000 }, (_, index) => `"${index}":0`).join()}}}`,
      ],
    ],
    400,
  );
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  const long = await proxy.post(chatPath, Buffer.alloc(33 * 1024 * 1024, 0x20), token);
  expect(long.status).toBe(413);
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.5, X2: requests with the operator’s provider key are stateless: storing is switched off or refused, and references to stored state are refused', async () => {
  const body = { model: 'gpt-4o-mini', input: 'x' };
  expect((await proxy.post(responsesPath, { ...body, store: true }, token)).headers.get('aipassport-store')).toBe(
    'false',
  );
  expect(sent()).toEqual({ ...body, store: false, service_tier: 'default', max_output_tokens: 16_384 });
  expect(
    (await proxy.post(responsesPath, { ...body, store: false, background: false, previous_response_id: null }, token))
      .status,
  ).toBe(200);
  proxy.upstream.reset();
  await expectRefused(
    [
      ['background', responsesPath, { ...body, background: true }],
      ['previous_response_id', responsesPath, { ...body, previous_response_id: 'resp_1' }],
      ['conversation', responsesPath, { ...body, conversation: 'conv_1' }],
      ['conversation object', responsesPath, { ...body, conversation: { id: 'conv_1' } }],
      ['prompt', responsesPath, { ...body, prompt: { id: 'pmpt_1' } }],
      ['prompt without a model', responsesPath, { prompt: { id: 'pmpt_1' } }],
      ['no model', responsesPath, { input: 'x' }],
      ['an item reference', responsesPath, { ...body, input: [{ type: 'item_reference', id: 'msg_1' }] }],
      ['an item reference without a type', responsesPath, { ...body, input: [{ id: 'msg_1' }] }],
      [
        'an input item that adds an MCP tool',
        responsesPath,
        { ...body, input: [{ type: 'additional_tools', tools: [{ type: 'mcp' }] }] },
      ],
      [
        'a file',
        responsesPath,
        { ...body, input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] },
      ],
      ['chat store', chatPath, { ...chat, store: true }],
      [
        'chat file',
        chatPath,
        { ...chat, messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] },
      ],
      ['chat audio', chatPath, { ...chat, messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }],
      ['a stored voice', '/openai/v1/audio/speech', { model: 'tts-1', input: 'x', voice: { id: 'voice_1' } }],
      ['container', messagesPath, { ...message, container: 'container_1' }],
      [
        'nested container',
        messagesPath,
        { ...message, messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'file_1' }] }] },
      ],
      [
        'anthropic file',
        messagesPath,
        {
          ...message,
          messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }],
        },
      ],
      ['mcp servers', messagesPath, { ...message, mcp_servers: [{ type: 'url', url: 'https://x' }] }],
      ['cached content', generatePath, { contents: [], cachedContent: 'cachedContents/1' }],
      ['cached_content', generatePath, { contents: [], cached_content: 'cachedContents/1' }],
      ['google store', generatePath, { contents: [], store: true }],
      [
        'google file',
        generatePath,
        {
          contents: [
            { parts: [{ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/1' } }] },
          ],
        },
      ],
      ['google file_data', generatePath, { contents: [{ parts: [{ file_data: { file_uri: 'files/1' } }] }] }],
      ['a bucket', generatePath, { contents: [{ parts: [{ fileData: { fileUri: 'gs://b/o' } }] }] }],
      ...[
        'https://generativelanguage.googleapis.com./v1beta/files/1',
        'https://generativelanguage%2Egoogleapis.com/v1beta/files/1',
        'https://generativelanguage.googleapis.com?files/1',
        'https:\\\\generativelanguage.googleapis.com/v1beta/files/1',
        'https://x@Generativelanguage.GoogleAPIs.com:443/v1beta/files/1',
        'https://storage.cloud.google.com/b/o',
      ].map((fileUri): [string, string, unknown] => [fileUri, generatePath, withParts({ fileData: { fileUri } })]),
      ['a nested google store', countPath, { generateContentRequest: { contents: [], store: true } }],
      ['a stored voice by its name', '/openai/v1/audio/speech', { model: 'tts-1', input: 'x', voice: 'voice_1' }],
      ['another kind of anthropic source', messagesPath, withBlock({ type: 'image', source: { type: 'skill' } })],
      ['a skill', messagesPath, { ...message, container: { skills: [{ type: 'custom', skill_id: 'skill_1' }] } }],
    ],
    400,
    toolsToken,
  );
});

const withParts = (...parts: unknown[]) => ({ contents: [{ parts }] });
const withBlock = (block: unknown) => ({ ...message, messages: [{ role: 'user', content: [block] }] });
const countPath = '/google/v1beta/models/gemini-2.5-flash:countTokens';

it('3.5: URLs that the AI provider would fetch need cap:tools.web; inline data needs nothing', async () => {
  const inline = 'data:image/png;base64,AAAA';
  const withUrl = (url: string): [string, string, unknown][] => [
    ['chat', chatPath, { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }],
    [
      'responses',
      responsesPath,
      { model: 'gpt-4o-mini', input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }] },
    ],
    [
      'responses file',
      responsesPath,
      { model: 'gpt-4o-mini', input: [{ role: 'user', content: [{ type: 'input_file', file_url: url }] }] },
    ],
    [
      'responses tool output',
      responsesPath,
      {
        model: 'gpt-4o-mini',
        input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', image_url: url }] }],
      },
    ],
    [
      'anthropic',
      messagesPath,
      { ...message, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }] },
    ],
    [
      'anthropic in a tool result',
      messagesPath,
      {
        ...message,
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', content: [{ type: 'document', source: { type: 'url', url } }] }],
          },
        ],
      },
    ],
    ['google', generatePath, { contents: [{ parts: [{ fileData: { fileUri: url } }] }] }],
    ['google in its other spelling', generatePath, { contents: [{ parts: [{ file_data: { file_uri: url } }] }] }],
  ];
  await expectRefused(withUrl('https://example.com/a.png'), 403);
  await expectRefused(withUrl('http://169.254.169.254/'), 403);
  await expectRefused(withUrl('HTTPS://example.com/a.png'), 403);
  await expectRefused(withUrl('file:///etc/passwd'), 400, toolsToken);
  for (const [name, path, body] of withUrl('https://example.com/a.png'))
    expect([name, (await proxy.post(path, body, toolsToken)).status]).toEqual([name, 200]);
  for (const [name, path, body] of withUrl(inline))
    expect([name, (await proxy.post(path, body, token)).status]).toEqual([name, 200]);
});

const webTools: [string, string, unknown][] = [
  ['openai web_search', responsesPath, { model: 'gpt-4o-mini', input: 'x', tools: [{ type: 'web_search' }] }],
  [
    'openai web_search_preview',
    responsesPath,
    { model: 'gpt-5-mini', input: 'x', tools: [{ type: 'web_search_preview_2025_03_11' }] },
  ],
  ['anthropic web_search', messagesPath, { ...message, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['anthropic web_fetch', messagesPath, { ...message, tools: [{ type: 'web_fetch_20260318', name: 'web_fetch' }] }],
  ['google search', generatePath, { contents: [], tools: [{ googleSearch: {} }] }],
  ['google_search', generatePath, { contents: [], tools: [{ google_search: {} }] }],
  ['google urlContext', generatePath, { contents: [], tools: [{ functionDeclarations: [] }, { urlContext: {} }] }],
];
const codeTools: [string, string, unknown][] = [
  [
    'openai code_interpreter',
    responsesPath,
    { model: 'gpt-4o-mini', input: 'x', tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
  ],
  [
    'anthropic code_execution',
    messagesPath,
    { ...message, tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
  ],
  ['google codeExecution', generatePath, { contents: [], tools: [{ codeExecution: {} }] }],
];

it('3.5: the AI provider’s own tools need their capability', async () => {
  const search: [string, string, unknown][] = [['openai chat', chatPath, { ...chat, web_search_options: {} }]];
  await expectRefused(search, 403);
  await expectRefused(webTools, 403);
  await expectRefused(codeTools, 403);
  for (const [name, path, body] of [...search, ...webTools, ...codeTools])
    expect([name, (await proxy.post(path, body, toolsToken)).status]).toEqual([name, 200]);
  const [, path, body] = webTools[0] ?? ['', '', {}];
  const refused = await proxy.post(path, body, token);
  expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  expect(refused.headers.get('www-authenticate')).toContain('scope="model:gpt-4o-mini cap:chat cap:tools.web"');
});

it('3.5: tools that no scope can grant are always refused', async () => {
  const openaiTools = [
    'file_search',
    'mcp',
    'image_generation',
    'shell',
    'programmatic_tool_calling',
    'unheard_of',
    undefined,
    7,
  ];
  await expectRefused(
    openaiTools.map((type) => [
      `openai ${type}`,
      responsesPath,
      { model: 'gpt-4o-mini', input: 'x', tools: [{ type, server_url: 'https://x' }] },
    ]),
    400,
    toolsToken,
  );
  const anthropicTools = ['mcp_toolset', 'advisor_20260301', 'unheard_of', 7];
  await expectRefused(
    anthropicTools.map((type) => [`anthropic ${type}`, messagesPath, { ...message, tools: [{ type, name: 'x' }] }]),
    400,
    toolsToken,
  );
  const googleTools = ['fileSearch', 'file_search', 'googleMaps', 'mcpServers', 'enterpriseWebSearch', 'unheardOf'];
  await expectRefused(
    googleTools.map((kind) => [`google ${kind}`, generatePath, { contents: [], tools: [{ [kind]: {} }] }]),
    400,
    toolsToken,
  );
  await expectRefused(
    [
      [
        'a named container',
        responsesPath,
        { model: 'gpt-4o-mini', input: 'x', tools: [{ type: 'code_interpreter', container: 'cntr_1' }] },
      ],
      [
        'a container with files',
        responsesPath,
        {
          model: 'gpt-4o-mini',
          input: 'x',
          tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }],
        },
      ],
      [
        'a larger container',
        responsesPath,
        {
          model: 'gpt-4o-mini',
          input: 'x',
          tools: [{ type: 'code_interpreter', container: { type: 'auto', memory_limit: '64g' } }],
        },
      ],
      ['tools that are no list', responsesPath, { model: 'gpt-4o-mini', input: 'x', tools: { type: 'mcp' } }],
      ['one google tool without its list', generatePath, { contents: [], tools: { fileSearch: {} } }],
    ],
    400,
    toolsToken,
  );
});

it('3.5: the client’s own tools need no capability', async () => {
  const bodies: [string, unknown][] = [
    [chatPath, { ...chat, tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
    [
      responsesPath,
      {
        model: 'gpt-4o-mini',
        input: 'x',
        tools: [
          { type: 'function', name: 'f', parameters: {} },
          { type: 'custom', name: 'c' },
        ],
      },
    ],
    [
      messagesPath,
      {
        ...message,
        tools: [
          { name: 'f', input_schema: { type: 'object' } },
          { type: 'bash_20250124', name: 'bash' },
        ],
      },
    ],
    [
      generatePath,
      { contents: [], tools: [{ function_declarations: [{ name: 'f', parameters: { type: 'OBJECT' } }] }] },
    ],
  ];
  for (const [path, body] of bodies) expect([path, (await proxy.post(path, body, token)).status]).toEqual([path, 200]);
});

it('X1: fields that choose a more expensive service tier or another model are refused, and so are stream options of the wrong type', async () => {
  await expectRefused(
    [
      ['priority', chatPath, { ...chat, service_tier: 'priority' }],
      ['google tier', generatePath, { contents: [], serviceTier: 'priority' }],
      ['fast', messagesPath, { ...message, speed: 'fast' }],
      ['fallbacks', messagesPath, { ...message, fallbacks: [{ model: 'claude-opus-5' }] }],
      ['routing', generatePath, { contents: [], generationConfig: { modelSelectionConfig: {} } }],
      ['routing_config', generatePath, { contents: [], generation_config: { routing_config: {} } }],
      ['stream as text', chatPath, { ...chat, stream: 'true' }],
      ['options as text', chatPath, { ...chat, stream: true, stream_options: 'include_usage' }],
      ['an option as text', chatPath, { ...chat, stream: true, stream_options: { include_usage: 'yes' } }],
    ],
    400,
  );
});

it('a model with speech or picture output needs the capability for it', async () => {
  const body = (modality: string) => ({ contents: [], generationConfig: { responseModalities: ['TEXT', modality] } });
  const { token: chatOnly } = await proxy.connect(`${chatScope} model:gemini-2.5-flash-image`);
  const paintPath = generatePath.replace('gemini-2.5-flash', 'gemini-2.5-flash-image');
  for (const modality of ['IMAGE', 'image'])
    expect([modality, (await proxy.post(paintPath, body(modality), chatOnly)).status]).toEqual([modality, 403]);
  // No scope allows this model to produce speech or pictures.
  for (const modality of ['IMAGE', 'AUDIO'])
    expect([modality, (await proxy.post(generatePath, body(modality), chatOnly)).status]).toEqual([modality, 400]);
  expect(proxy.upstream.hits).toEqual([]);
});

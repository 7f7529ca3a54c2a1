import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { parseRequestFields } from '../src/index.js';
import { answerJson } from './support/recording-upstream.js';
import { chat, chatPath, TestProxy } from './support/test-proxy.js';

const responsesPath = '/openai/v1/responses';
const messagesPath = '/anthropic/v1/messages';
const generatePath = '/google/v1beta/models/gemini-2.5-flash:generateContent';
const scope =
  'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash model:gpt-image-1 model:text-embedding-3-small cap:chat cap:images cap:embeddings';
const response = { model: 'gpt-4o-mini', input: 'x' };
const message = { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] };
const hello = [{ type: 'text', text: 'Hello' }];

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect(scope));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

function sent(): Record<string, unknown> {
  return JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;
}

/** For each path, a request with fields that current tools send. All of them are known and harmless. */
const harmless: readonly (readonly [path: string, body: object, members: Record<string, unknown>])[] = [
  [
    chatPath,
    chat,
    {
      modalities: ['text'],
      service_tier: 'flex',
      client_metadata: { a: 'b' },
      prompt_cache_options: { mode: 'implicit', ttl: '30m' },
      prompt_cache_key: 'k',
      verbosity: 'low',
      n: 50,
      top_logprobs: 20,
    },
  ],
  [
    responsesPath,
    response,
    {
      client_metadata: { turn_id: 'x' },
      prompt_cache_options: { mode: 'explicit' },
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'auto', context: 'x' },
      max_tool_calls: 128,
    },
  ],
  [
    messagesPath,
    message,
    {
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      inference_geo: 'global',
      top_k: 40,
      service_tier: 'standard_only',
      output_config: { effort: 'high', task_budget: { type: 'tokens', total: 100 } },
      system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } }],
    },
  ],
  [
    generatePath,
    { contents: [] },
    {
      serviceTier: 'flex',
      labels: { a: 'b' },
      generationConfig: {
        topK: 64,
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' },
        maxOutputTokens: 9,
      },
    },
  ],
];

it('known and harmless fields pass unchanged, without a notice', async () => {
  for (const [path, body, members] of harmless) {
    const answer = await proxy.post(path, { ...body, ...members }, token);
    expect([path, answer.status, answer.headers.get('aipassport-dropped')]).toEqual([path, 200, null]);
    expect(sent()).toMatchObject(members);
  }
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5: unknown fields are left out, and named in a header and in the log', async () => {
  const many = Array.from({ length: 25 }, (_, index) => `x${index}`);
  const unknown: readonly (readonly [string, object, string, object])[] = [
    [chatPath, { ...chat, top_k: 4, num_ctx: 8, chat_id: 'x', best_of: 5 }, 'top_k, num_ctx, chat_id, best_of', {}],
    [
      chatPath,
      { ...chat, stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } },
      'stream_options.continuous_usage_stats',
      { stream_options: { include_usage: true } },
    ],
    [chatPath, { ...chat, Model: 'gpt-4o', api_base: 'https://x', toString: 1 }, 'Model, api_base, toString', {}],
    [chatPath, { ...chat, 'a b': 1, [`AIza${'x'.repeat(35)}`]: 1, '': { file_id: 'file_1' } }, '?', {}],
    [responsesPath, { ...response, stream_options: { include_usage: true } }, 'stream_options.include_usage', {}],
    [messagesPath, { ...message, num_ctx: 8, context_management: { x: 1 } }, 'num_ctx, context_management.x', {}],
    [generatePath, { contents: [], generation_config: { top_z: 1 } }, 'generation_config.top_z', {}],
    ['/google/v1beta/models/gemini-2.5-flash:countTokens', { contents: [], tools: [] }, 'tools', {}],
    ['/openai/v1/embeddings', { model: 'text-embedding-3-small', input: 'x', chat_id: 1 }, 'chat_id', {}],
    [chatPath, { ...chat, ...Object.fromEntries(many.map((name) => [name, 1])) }, many.slice(0, 20).join(', '), {}],
  ];
  for (const [path, body, dropped, kept] of unknown) {
    const answer = await proxy.post(path, body, token);
    expect([path, answer.status, answer.headers.get('aipassport-dropped')]).toEqual([path, 200, dropped]);
    expect(sent()).toMatchObject(kept);
    for (const name of dropped.split(', '))
      expect(proxy.upstream.last.body.toString()).not.toContain(`"${name.split('.').at(-1)}"`);
    const logged = JSON.parse(proxy.lines.at(-1) ?? '') as Record<string, unknown>;
    expect(logged).toMatchObject({ event: 'proxied_request', dropped: dropped.split(', ') });
  }
});

it('values that mean the same as no value are left out without a notice', async () => {
  const defaults: readonly (readonly [string, object, object])[] = [
    [chatPath, chat, { store: false, service_tier: null, modalities: null }],
    [responsesPath, response, { background: false, previous_response_id: null, prompt: null, context_management: [] }],
    [messagesPath, message, { speed: 'standard', mcp_servers: [], container: null, fallbacks: null, diagnostics: {} }],
    [generatePath, { contents: [] }, { store: false, cachedContent: null }],
  ];
  for (const [path, body, members] of defaults) {
    const answer = await proxy.post(path, { ...body, ...members }, token);
    expect([path, answer.status, answer.headers.get('aipassport-dropped')]).toEqual([path, 200, null]);
  }
  await proxy.post(messagesPath, { ...message, speed: 'standard', mcp_servers: [] }, token);
  expect(sent()).toEqual(message);
});

it('3.5: a refusal names the place, the value and the remedy, in the caller’s dialect', async () => {
  const refused: readonly (readonly [string, object, string, string])[] = [
    [chatPath, { ...chat, n: 129 }, 'n', '`n` is 129. It must be a whole number from 1 to 128.'],
    [chatPath, { ...chat, top_logprobs: 9999 }, 'top_logprobs', 'from 0 to 20'],
    [chatPath, { ...chat, max_tokens: '5' }, 'max_tokens', '`max_tokens` is "5"'],
    [chatPath, { ...chat, service_tier: 'priority' }, 'service_tier', 'is "priority", which costs more'],
    [chatPath, { ...chat, modalities: ['text', 'audio'] }, 'modalities', '["text","audio"], which costs more'],
    [chatPath, { ...chat, stream: 'true' }, 'stream', 'send true or false'],
    [chatPath, { ...chat, store: true }, 'store', 'stored at the AI provider'],
    [chatPath, { ...chat, stream_options: 'x y' }, 'stream_options', 'is a text. It must be an object'],
    [chatPath, { ...chat, messages: 5 }, 'messages', '`messages` is 5. It must be a list.'],
    [responsesPath, { ...response, max_tool_calls: 5000 }, 'max_tool_calls', 'from 1 to 128'],
    [responsesPath, { ...response, prompt_cache_options: { prewarm: true } }, 'prompt_cache_options.prewarm', 'true'],
    [
      '/openai/v1/images/generations',
      { model: 'gpt-image-1', prompt: 'x', partial_images: 99 },
      'partial_images',
      '99',
    ],
    [
      messagesPath,
      { ...message, max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: -1 } },
      'thinking.budget_tokens',
      'out of range or of the wrong type. It must be a whole number, at least 1024 and less than `max_tokens`.',
    ],
    [messagesPath, { ...message, speed: 'fast' }, 'speed', 'is "fast", which costs more'],
    [
      messagesPath,
      { ...message, context_management: { edits: [{ type: 'compact_20260112' }] } },
      'context_management.edits[0]',
      'an edit of the kind "compact_20260112"',
    ],
    [generatePath, { contents: [], generationConfig: { candidateCount: 9 } }, 'generationConfig.candidateCount', '9'],
    [
      chatPath,
      { ...chat, messages: [{ role: 'user', content: [...hello, { type: 'video_url' }] }] },
      'messages[0].content[1]',
      'content of the kind "video_url"',
    ],
    [
      messagesPath,
      { ...message, messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'video' }] }] }] },
      'messages[0].content[0].content[0]',
      'content of the kind "video"',
    ],
    [
      generatePath,
      { contents: [{ parts: [{ text: 'x' }, { hologram: {} }] }] },
      'contents[0].parts[1]',
      'content of the kind "hologram"',
    ],
    [
      responsesPath,
      { ...response, input: [{ role: 'user', content: 'x' }, { type: 'quantum_call' }] },
      'input[1]',
      'an item of the kind "quantum_call"',
    ],
    [responsesPath, { ...response, tools: [{ type: 'mcp' }] }, 'tools[0]', 'a tool of the kind "mcp"'],
    [
      responsesPath,
      {
        ...response,
        tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }, { type: 'file_search' }] }],
      },
      'tools[0].tools[1]',
      'a tool of the kind "file_search"',
    ],
    [
      responsesPath,
      { ...response, input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'mcp' }] }] },
      'input[0].tools[0]',
      'a tool of the kind "mcp"',
    ],
    [messagesPath, { ...message, tools: [{ type: 'advisor_20260301' }] }, 'tools[0]', '"advisor_20260301"'],
    [
      messagesPath,
      {
        ...message,
        messages: [
          {
            role: 'system',
            content: [
              { type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'mcp_toolset' } } },
            ],
          },
        ],
      },
      'messages[0].content[0].tool.definition[0]',
      '"mcp_toolset"',
    ],
    [
      messagesPath,
      {
        ...message,
        messages: [{ role: 'system', content: [{ type: 'tool_addition', tool: { type: 'mcp_toolset' } }] }],
      },
      'messages[0].content[0].tool[0]',
      '"mcp_toolset"',
    ],
    [generatePath, { contents: [], tools: [{ googleMaps: {} }] }, 'tools[0]', '"googleMaps"'],
  ];
  for (const [path, body, field, text] of refused) {
    const answer = await proxy.post(path, body, token);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect([field, answer.status, error]).toEqual([field, 400, expect.anything()]);
    expect(error['message']).toContain(`\`${field}\``);
    expect(error['message']).toContain(text);
    expect(JSON.stringify(error)).toContain(`"${field}"`);
  }
  expect(proxy.upstream.hits).toEqual([]);
});

it('tools that the client runs pass, even in groups', async () => {
  const own: readonly (readonly [string, object, readonly object[]])[] = [
    [
      responsesPath,
      response,
      [
        { type: 'namespace', name: 'n', description: 'x', tools: [{ type: 'function', name: 'f', parameters: {} }] },
        { type: 'tool_search', execution: 'client', parameters: {} },
        { type: 'shell', environment: { type: 'local' } },
        { type: 'computer' },
        { type: 'local_shell' },
        { type: 'apply_patch' },
        { type: 'custom', name: 'c' },
      ],
    ],
    [
      messagesPath,
      message,
      [
        { type: 'computer_20251124', name: 'computer', display_width_px: 1, display_height_px: 1 },
        { type: 'computer_toolset_20260801' },
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
        { type: 'memory_20250818', name: 'memory' },
        { name: 'f', input_schema: { type: 'object' }, defer_loading: true },
      ],
    ],
    [
      generatePath,
      { contents: [] },
      [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: {} }], mcpServers: [] }, { computerUse: {} }],
    ],
  ];
  for (const [path, body, tools] of own) {
    const answer = await proxy.post(path, { ...body, tools }, token);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.anything()]);
    expect(sent()['tools']).toEqual(tools);
  }
});

it('items with their content pass, including tool calls that the client or the vendor ran; their identifiers are left out', async () => {
  const tool = { type: 'function', name: 'f', parameters: {} };
  const input = [
    { type: 'additional_tools', role: 'developer', tools: [tool] },
    { type: 'tool_search_call', call_id: 'c', execution: 'client', arguments: { q: 'x' } },
    { type: 'tool_search_output', call_id: 'c', execution: 'client', tools: [tool] },
    { type: 'agent_message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
    { type: 'image_generation_call', status: 'completed', result: 'aGk=' },
    { type: 'compaction', encrypted_content: 'x' },
    { type: 'computer_call', call_id: 'c', action: { type: 'wait' }, pending_safety_checks: [] },
    {
      type: 'computer_call_output',
      call_id: 'c',
      output: { type: 'computer_screenshot', image_url: 'data:image/png;base64,aGk=' },
    },
    { type: 'mcp_list_tools', server_label: 's', tools: [{ name: 't', input_schema: { type: 'object' } }] },
    { type: 'mcp_call', server_label: 's', name: 't', arguments: '{}', output: 'x' },
    { type: 'shell_call', call_id: 'c', action: { commands: ['ls'] } },
    { type: 'shell_call_output', call_id: 'c', output: [{ stdout: 'x', stderr: '', outcome: { type: 'exit' } }] },
  ];
  const withIds = input.map((item, index) => ({ ...item, id: `x_${index}` }));
  const answer = await proxy.post(responsesPath, { ...response, input: withIds }, token);
  expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
  expect(sent()['input']).toEqual(input);
});

it('the creation of a stored thread is left out; its continuation gets the 404 after which the SDK sends all messages', async () => {
  const created = await proxy.post(messagesPath, { ...message, thread: { type: 'create' } }, token);
  expect([created.status, created.headers.get('aipassport-dropped')]).toEqual([200, 'thread']);
  expect(sent()).toEqual(message);
  const thread = { type: 'continue', previous_message_id: 'msg_1' };
  const continued = await proxy.post(messagesPath, { ...message, thread }, token);
  expect([continued.status, await continued.json()]).toEqual([
    404,
    expect.objectContaining({
      error: expect.objectContaining({ details: { error_code: 'thread_not_found', field: 'thread' } }),
    }),
  ]);
});

it('the tool runner of Anthropic’s SDK completes three turns, though no thread is stored', async () => {
  const anthropic = new Anthropic({ baseURL: `${proxy.url}/anthropic`, apiKey: token, maxRetries: 0 });
  const usage = { input_tokens: 1, output_tokens: 1 };
  const answer = { type: 'message', role: 'assistant', model: 'claude-haiku-4-5', stop_sequence: null, usage };
  let turn = 0;
  proxy.upstream.behaviour = (hit, response) => {
    turn += 1;
    const call = { type: 'tool_use', id: `toolu_${turn}`, name: 'add', input: { a: turn } };
    const done = { type: 'text', text: 'done' };
    const body = { ...answer, id: `msg_${turn}`, content: [turn < 3 ? call : done] };
    answerJson({ ...body, stop_reason: turn < 3 ? 'tool_use' : 'end_turn' })(hit, response);
  };
  const runner = anthropic.beta.messages.toolRunner({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'add' }],
    tools: [
      {
        name: 'add',
        description: 'adds',
        input_schema: { type: 'object', properties: { a: { type: 'number' } } },
        run: ({ a }: { a: number }) => String(a + 1),
        parse: (input: unknown) => input as { a: number },
      },
    ],
  });
  const last = await runner;
  expect(last.content).toEqual([expect.objectContaining({ type: 'text', text: 'done' })]);
  expect(
    proxy.upstream.hits.map(({ body }) => (JSON.parse(body.toString()) as { messages: [] }).messages.length),
  ).toEqual([1, 3, 5]);
  expect(proxy.upstream.hits.map(({ body }) => body.toString()).join()).not.toContain('thread');
});

it('the effort of one turn passes with the beta that allows it, as Claude Code sends them', async () => {
  const effort = { role: 'system', content: 'Think less.', output_config: { effort: 'low' } };
  const messages = [...message.messages, effort];
  const headers = { 'anthropic-beta': 'per-turn-control-2026-07-01,timing-2026-09-09' };
  const answer = await proxy.post(messagesPath, { ...message, messages }, token, { headers });
  expect([answer.status, answer.headers.get('aipassport-dropped')]).toEqual([200, null]);
  expect(proxy.upstream.last.headers['anthropic-beta']).toBe(headers['anthropic-beta']);
  expect(JSON.parse(proxy.upstream.last.body.toString())).toMatchObject({ messages });
});

it('a beta is recognized by its name without the date, and unknown betas are left out and named', async () => {
  const headers = {
    'anthropic-beta': 'claude-code-20250219, interleaved-thinking-2027-01-01,fast-mode-2026-02-01,new-2027-01-01',
  };
  const answer = await proxy.post(messagesPath, message, token, { headers });
  expect(answer.headers.get('aipassport-dropped')).toBe(
    'anthropic-beta:fast-mode-2026-02-01, anthropic-beta:new-2027-01-01',
  );
  expect(proxy.upstream.last.headers['anthropic-beta']).toBe('claude-code-20250219,interleaved-thinking-2027-01-01');
  const openai = await proxy.chat(token, {}, { headers: { 'openai-beta': 'responses=experimental,assistants=v2' } });
  expect(openai.headers.get('aipassport-dropped')).toBe('openai-beta:assistants=v2');
  expect(proxy.upstream.last.headers['openai-beta']).toBe('responses=experimental');
});

it('3.5: an operator can have unknown members refused instead, and can list additional known members in a file', async () => {
  const example = readFileSync(new URL('../../../../docs/examples/request-fields.json', import.meta.url), 'utf8');
  const strict = await TestProxy.start({
    requestSettings: { unknownFields: 'refuse', fields: parseRequestFields(example) },
    // With this limit, one of the bodies is prepared in a thread.
    limits: { smallBodyBytes: 200 },
  });
  try {
    const { token: strictToken } = await strict.connect();
    for (const body of [
      { ...chat, best_of: 5 },
      { ...chat, stream_options: { best_of: 5 } },
    ]) {
      const answer = await strict.post(chatPath, body, strictToken);
      expect([answer.status, await answer.text()]).toEqual([
        400,
        expect.stringMatching(/`(stream_options\.)?best_of`/),
      ]);
    }
    const headers = { 'anthropic-beta': 'newer-beta-2027-01-01' };
    const beta = await strict.post(messagesPath, message, strictToken, { headers });
    expect([beta.status, await beta.text()]).toEqual([400, expect.stringContaining('anthropic-beta:newer-beta')]);
    expect((await strict.post(`${chatPath}?model=x`, chat, strictToken)).status).toBe(400);
    expect(strict.upstream.hits).toEqual([]);
    const known: readonly (readonly [string, object])[] = [
      [chatPath, { ...chat, top_k: 4, metadata: { long: 'x'.repeat(200) } }],
      [chatPath, { ...chat, messages: [{ role: 'user', content: [{ type: 'my_text', text: 'x' }] }] }],
      [responsesPath, { ...response, input: [{ type: 'my_note', text: 'x' }] }],
      [messagesPath, { ...message, tools: [{ type: 'my_editor_20270101', name: 'e' }] }],
      [generatePath, { contents: [], generationConfig: { newOption: 1 } }],
    ];
    for (const [path, body] of known) {
      const answer = await strict.post(path, body, strictToken, {
        headers: { 'anthropic-beta': 'new-beta-2027-01-01' },
      });
      expect([path, answer.status, answer.headers.get('aipassport-dropped')]).toEqual([path, 200, null]);
      expect(JSON.parse(strict.upstream.last.body.toString())).toMatchObject(body);
    }
  } finally {
    await strict.stop();
  }
});

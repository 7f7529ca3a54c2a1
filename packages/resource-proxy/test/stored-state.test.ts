import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { answerJson } from './support/recording-upstream.js';
import { chatScope, TestProxy } from './support/test-proxy.js';

const responsesPath = '/openai/v1/responses';
const messagesPath = '/anthropic/v1/messages';
const message = { model: 'claude-haiku-4-5', max_tokens: 5, messages: [] };

let proxy: TestProxy;
let token: string;
let codeToken: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect());
  ({ token: codeToken } = await proxy.connect(`${chatScope} cap:code`));
});

beforeEach(() => proxy.upstream.reset());

afterAll(() => proxy?.stop());

function sent(): Record<string, unknown> {
  return JSON.parse(proxy.upstream.last.body.toString()) as Record<string, unknown>;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.5, X2: an item that only names a stored item is refused, and the refusal says where it is and what to send instead', async () => {
  const references = [
    { type: 'reasoning', id: 'rs_1' },
    { type: 'reasoning', id: 'rs_1', summary: [] },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null, content: [] },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: '' },
    { type: 'message', id: 'msg_1' },
    { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed' },
    { type: null, id: 'msg_1', role: 'user', content: null },
    { role: 'assistant', id: 'msg_1' },
    { type: 'function_call', id: 'fc_1', call_id: 'c' },
    { type: 'function_call_output', id: 'fco_1', call_id: 'c' },
    { type: 'custom_tool_call', id: 'ctc_1' },
    { type: 'custom_tool_call_output', id: 'ctco_1', call_id: 'c' },
    { type: 'web_search_call', id: 'ws_1' },
    { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' },
    { type: 'code_interpreter_call', container_id: 'cntr_1', code: null, outputs: null },
    { type: 'code_interpreter_call', container_id: 'cntr_1', code: '', outputs: [{ type: 'image', url: 'x' }] },
    { type: 'local_shell_call', id: 'lsh_1' },
    { type: 'local_shell_call_output', id: 'lsh_1', output: 'x' },
    { type: 'apply_patch_call', id: 'apc_1' },
    { type: 'apply_patch_call_output', id: 'apco_1' },
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: null },
    { type: 'file_search_call', id: 'fs_1', queries: ['x'], results: null },
    { type: 'mcp_call', id: 'mcp_1', name: 'x', server_label: 'x', arguments: '{}' },
    { type: 'computer_call', id: 'cu_1' },
    { type: 'compaction', id: 'cmp_1' },
  ];
  for (const reference of references) {
    const body = {
      model: 'gpt-4o-mini',
      input: [{ role: 'user', content: 'x' }, reference],
      tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    };
    const answer = await proxy.post(responsesPath, body, codeToken);
    expect([reference, answer.status, await answer.json()]).toEqual([
      reference,
      400,
      {
        error: expect.objectContaining({ param: 'input[1]', message: expect.stringContaining('Send the whole item') }),
      },
    ]);
  }
  for (const [field, body] of [
    ['instructions', { instructions: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['input', { input: { type: 'item_reference', id: 'msg_1' } }],
  ] as const)
    expect(await (await proxy.post(responsesPath, { model: 'gpt-4o-mini', ...body }, token)).json()).toMatchObject({
      error: { param: field },
    });
  expect(proxy.upstream.hits).toEqual([]);
});

it('3.5: an earlier answer that the client sends back whole is not stored state, and is forwarded without its identifiers', async () => {
  const input = [
    { role: 'user', content: 'x' },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'abc' },
    { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'x' }] },
    { type: 'reasoning', id: 'rs_3', summary: [{ type: 'summary_text', text: 'x' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: 'x' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    { type: 'local_shell_call', id: 'lsh_1', call_id: 'l', action: { type: 'exec', command: ['ls'] } },
    { type: 'message', id: 'msg_0', role: 'assistant', content: [] },
  ];
  const text = { type: 'output_text', text: 'x' };
  const cited = [
    { type: 'file_citation', file_id: 'f' },
    { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'f' },
    { type: 'url_citation', url: 'https://x' },
  ];
  const later = [
    { type: 'local_shell_call_output', id: 'lsh_1', output: 'x' },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ ...text, annotations: cited }] },
    {
      type: 'code_interpreter_call',
      id: 'ci_1',
      container_id: 'cntr_1',
      status: 'completed',
      code: 'print(1)',
      outputs: [{ type: 'logs', logs: '1' }],
    },
  ];
  const body = { model: 'gpt-4o-mini', input: [...input, ...later] };
  expect((await proxy.post(responsesPath, body, token)).status).toBe(200);
  expect(sent()['input']).toEqual([
    ...input.map(({ id: _id, ...whole }: Record<string, unknown>) => whole),
    { type: 'local_shell_call_output', id: 'l', output: 'x' },
    { type: 'message', role: 'assistant', content: [{ ...text, annotations: cited.slice(2) }] },
    { role: 'assistant', content: 'Code that was run:\nprint(1)\n\nOutput:\n1' },
  ]);
});

it('3.5: a code interpreter starts in a new container, even if an earlier answer names another', async () => {
  const tool = { type: 'code_interpreter', container: { type: 'auto' } };
  const call = { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_foreign', code: 'ls()', outputs: [] };
  const body = { model: 'gpt-4o-mini', input: [call, { role: 'user', content: 'and now?' }], tools: [tool] };
  expect((await proxy.post(responsesPath, body, codeToken)).status).toBe(200);
  expect(sent()['tools']).toEqual([tool]);
  expect(proxy.upstream.last.body.toString()).not.toMatch(/cntr_foreign|ci_1|container_id/);
  expect(proxy.upstream.last.body.toString()).toContain('ls()');
});

it('3.5: code output and citations of an earlier message are forwarded without the identifiers of their files', async () => {
  const result = {
    type: 'bash_code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: {
      type: 'bash_code_execution_result',
      stdout: 'canary-stdout',
      stderr: '',
      return_code: 0,
      content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
    },
  };
  const citation = { type: 'char_location', cited_text: 'canary-cited', document_index: 0, file_id: 'file_2' };
  const content = [result, { type: 'text', text: 'x', citations: [citation] }];
  const body = { ...message, messages: [{ role: 'assistant', content }] };
  for (const path of [messagesPath, `${messagesPath}/count_tokens`]) {
    const { max_tokens: _max, ...counted } = body;
    expect([path, (await proxy.post(path, path === messagesPath ? body : counted, token)).status]).toEqual([path, 200]);
    const upstreamBody = proxy.upstream.last.body.toString();
    expect(upstreamBody).not.toContain('file_');
    expect(upstreamBody).toContain('canary-stdout');
    expect(upstreamBody).toContain('canary-cited');
  }
});

it('3.5: the official SDK continues after an answer with reasoning, code and text by sending its output back', async () => {
  const openai = new OpenAI({ baseURL: `${proxy.url}/openai/v1`, apiKey: codeToken, maxRetries: 0 });
  const output = [
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'canary-sealed' },
    {
      type: 'code_interpreter_call',
      id: 'ci_1',
      container_id: 'cntr_1',
      status: 'completed',
      code: '1+1',
      outputs: [],
    },
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'two', annotations: [] }],
    },
  ];
  proxy.upstream.behaviour = answerJson({ id: 'resp_1', object: 'response', status: 'completed', output });
  const request = {
    model: 'gpt-4o-mini',
    include: ['reasoning.encrypted_content' as const],
    tools: [{ type: 'code_interpreter' as const, container: { type: 'auto' as const } }],
  };
  const first = await openai.responses.create({ ...request, input: 'one and one?' });
  const items = first.output as OpenAI.Responses.ResponseInputItem[];
  await openai.responses.create({ ...request, input: [...items, { role: 'user', content: 'and one more?' }] });
  expect(sent()['input']).toEqual([
    { type: 'reasoning', summary: [], encrypted_content: 'canary-sealed' },
    { role: 'assistant', content: 'Code that was run:\n1+1' },
    {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'two', annotations: [] }],
    },
    { role: 'user', content: 'and one more?' },
  ]);
});

it('3.5, X2: no item can reach a container by its name', async () => {
  const environment = { type: 'container_reference', container_id: 'cntr_1' };
  const call = { type: 'shell_call', call_id: 'c', action: { commands: ['ls'] }, environment };
  const ask = (item: object) =>
    proxy.post(responsesPath, { model: 'gpt-4o-mini', input: [item] }, token).then(({ status }) => status);
  expect(await ask(call)).toBe(400);
  expect(proxy.upstream.hits).toEqual([]);
  expect(await ask({ ...call, environment: { type: 'local' } })).toBe(200);
});

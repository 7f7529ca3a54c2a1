import type { ServerResponse } from 'node:http';
import type { Vendor } from '@aipassport/resource-proxy/testing/vendors';
import { answerJson, type UpstreamBehaviour } from '../../harness/recording-upstream.js';
import { simulatedAnswer } from '../../harness/simulated-upstream.js';
import { weatherTool } from './client-case.js';

interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly unknown[];
}

/**
 * Answers like a vendor, by its documentation, with the usage in `vendor`. The first request with a tool is answered
 * with a call of it.
 */
export function answerLike(vendor: Vendor): UpstreamBehaviour {
  return ({ target, body }, response) => {
    if (target === vendor.embeddings?.path) return answerEmbeddings(vendor.embeddings, body, response);
    if (target !== vendor.path) return answerJson(response, 404, { message: `no such path: ${target}` });
    const { model, stream, messages, tools } = JSON.parse(body) as ChatRequest;
    const callsTool = tools !== undefined && messages.every(({ role }) => role !== 'tool');
    const call = { id: 'call00001', type: 'function', function: { name: weatherTool, arguments: '{"city":"Paris"}' } };
    const message = callsTool ? { content: null, tool_calls: [{ index: 0, ...call }] } : { content: simulatedAnswer };
    const finish_reason = callsTool ? 'tool_calls' : 'stop';
    const common = { id: 'c1', created: 1, model, system_fingerprint: 'fp' };
    if (stream !== true)
      return answerJson(response, 200, {
        ...common,
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
        usage: vendor.usage,
      });
    const chunk = (choices: readonly unknown[], rest = {}) =>
      `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices, ...rest })}\n\n`;
    const last = { index: 0, delta: {}, finish_reason };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk([{ index: 0, delta: { role: 'assistant', ...message }, finish_reason: null }]));
    response.write(
      vendor.reportsUsageInLastChoice
        ? chunk([last], { usage: vendor.usage })
        : chunk([last]) + chunk([], { usage: vendor.usage }),
    );
    return response.end('data: [DONE]\n\n');
  };
}

/** The numbers are few, and the same for each text. */
function answerEmbeddings({ usage }: NonNullable<Vendor['embeddings']>, body: string, response: ServerResponse): void {
  const { model, input } = JSON.parse(body) as { readonly model: string; readonly input: readonly string[] };
  const data = input.map((_, index) => ({ object: 'embedding', index, embedding: [0.25, -0.5] }));
  answerJson(response, 200, { id: 'e1', object: 'list', model, data, usage });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { LLMock } from '@copilotkit/aimock';

/** The operations that aimock does not simulate, with answers in the vendors' own formats. */
const operations: readonly (readonly [RegExp, (body: unknown) => object])[] = [
  [/^\/v1\/messages\/count_tokens$/, (body) => ({ input_tokens: estimateTokens(body) })],
  [/^\/v1beta\/models\/[^/:]+:countTokens$/, (body) => ({ totalTokens: estimateTokens(body) })],
  [
    /^\/v1beta\/models\/[^/:]+:batchEmbedContents$/,
    (body) => ({ embeddings: listRequests(body).map(() => ({ values: [0.1, -0.2, 0.3, -0.4] })) }),
  ],
];

/** Adds to the simulation the counting of tokens, and Google's embedding of several texts in one request. */
export function addMissingOperations(upstream: LLMock): void {
  for (const prefix of ['/v1', '/v1beta'])
    upstream.mount(prefix, {
      handleRequest: async (request, response, path) => {
        const [, answer] = operations.find(([pattern]) => pattern.test(prefix + path)) ?? [];
        if (answer === undefined) return false;
        await reply(request, response, answer);
        return true;
      },
    });
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: (body: unknown) => object) {
  const body = await json(request).catch(() => undefined);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(body)));
}

/** Counts one token for every four characters of the body as JSON. The vendors' documents give this estimate. */
function estimateTokens(body: unknown): number {
  return Math.ceil(JSON.stringify(body ?? '').length / 4);
}

function listRequests(body: unknown): readonly unknown[] {
  const isBatch = typeof body === 'object' && body !== null && 'requests' in body && Array.isArray(body.requests);
  return isBatch ? (body.requests as unknown[]) : [];
}

import { expect } from '@jest/globals';
import { simulatedAnswer } from '../../harness/simulated-upstream.js';
import type { ClientCase } from './client-case.js';
import type { ToolStack } from './tool-stack.js';

/** Runs a case, and compares the answer, the requests, and the fields that were left out of them. */
export async function expectCase(stack: Pick<ToolStack, 'proxy' | 'takeRequests'>, each: ClientCase): Promise<void> {
  const { run, requests, drops = [], answer = simulatedAnswer } = each;
  const text = await run(stack.proxy).catch((error: unknown) => `failed: ${String(error)}`);
  const seen = await stack.takeRequests(requests.length);
  expect({
    text,
    // Sorted, because a request is logged when its answer ends. The answer to a later request may end first.
    requests: seen.map(({ operation, status }) => `${operation} ${status}`).sort(),
    drops: [...new Set(seen.flatMap(({ dropped = [] }) => dropped))].sort(),
  }).toEqual({
    text: expect.stringContaining(answer),
    requests: requests.map((request) => (request.includes(' ') ? request : `${request} 200`)).sort(),
    drops: [...drops].sort(),
  });
}

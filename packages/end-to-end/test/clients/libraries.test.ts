import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { anthropicSdk } from './libraries/anthropic-sdk.js';
import { googleSdk } from './libraries/google-sdk.js';
import { langchain } from './libraries/langchain.js';
import { openaiAgents } from './libraries/openai-agents.js';
import { openaiSdk } from './libraries/openai-sdk.js';
import { vercelAi } from './libraries/vercel-ai.js';
import { weatherTool } from './support/client-case.js';
import { expectCase } from './support/expect-case.js';
import { startToolStack, type ToolStack } from './support/tool-stack.js';

let stack: ToolStack;

beforeAll(async () => {
  const scope = 'model:gpt-4o-mini model:gpt-5-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';
  stack = await startToolStack({ [weatherTool]: { city: 'Paris' } }, scope);
});

afterAll(() => stack?.stop());

describe.each([openaiSdk, anthropicSdk, googleSdk, vercelAi, langchain, openaiAgents])('$name', ({ cases }) => {
  it.each(cases)('$title', (each) => expectCase(stack, each));
});

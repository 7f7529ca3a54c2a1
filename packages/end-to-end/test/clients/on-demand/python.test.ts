import { afterAll, beforeAll } from '@jest/globals';
import { weatherTool } from '../support/client-case.js';
import { testOnDemand } from '../support/on-demand-tool.js';
import { startToolStack, type ToolStack } from '../support/tool-stack.js';
import { pythonLibraries } from './python-libraries.js';

let stack: ToolStack;

beforeAll(async () => {
  const scope = 'model:gpt-4o-mini model:gpt-5-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';
  stack = await startToolStack({ [weatherTool]: { city: 'Paris' } }, scope);
});

afterAll(() => stack?.stop());

testOnDemand(pythonLibraries, () => stack);

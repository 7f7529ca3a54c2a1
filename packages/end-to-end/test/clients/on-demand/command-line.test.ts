import { afterAll, beforeAll } from '@jest/globals';
import { usage } from '../../harness/simulated-upstream.js';
import { testOnDemand } from '../support/on-demand-tool.js';
import { startToolStack, type ToolStack } from '../support/tool-stack.js';
import { commandLineTools, toolCalls } from './command-line-tools.js';

let stack: ToolStack;

beforeAll(async () => {
  // the tools choose their models themselves, so all models are allowed
  const scope = 'model:openai/* model:anthropic/* model:google/* cap:chat cap:tools.web';
  stack = await startToolStack(toolCalls, scope);
  // the Gemini CLI asks a small model which model is to answer
  const content = JSON.stringify({ complexity_reasoning: 'It is simple.', complexity_score: 10 });
  stack.upstream.prependFixture({
    match: { endpoint: 'chat', systemMessage: 'Task Routing AI' },
    response: { content, usage },
  });
});

afterAll(() => stack?.stop());

testOnDemand(commandLineTools, () => stack);

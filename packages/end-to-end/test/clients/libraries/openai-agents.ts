import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { z } from 'zod';
import {
  type ClientTool,
  type ProxyAddress,
  toolQuestion,
  weather,
  weatherTool,
  weatherToolDescription,
} from '../support/client-case.js';

const agent = (model: string) =>
  new Agent({
    name: 'Weather',
    instructions: 'Answer with the help of the tool.',
    model,
    tools: [
      tool({
        name: weatherTool,
        description: weatherToolDescription,
        parameters: z.object({ city: z.string() }),
        execute: () => weather,
      }),
    ],
  });

/** Tracing is switched off, because traces are sent to OpenAI and need a provider key of OpenAI. */
function createRunner({ url, accessToken }: ProxyAddress, useResponses: boolean): Runner {
  const modelProvider = new OpenAIProvider({ baseURL: `${url}/openai/v1`, apiKey: accessToken, useResponses });
  return new Runner({ modelProvider, tracingDisabled: true });
}

export const openaiAgents: ClientTool = {
  name: 'OpenAI Agents SDK',
  cases: [
    {
      title: 'an agent with a tool (Responses)',
      requests: ['openai.responses', 'openai.responses'],
      run: async (proxy) => (await createRunner(proxy, true).run(agent('gpt-5-mini'), toolQuestion)).finalOutput ?? '',
    },
    {
      title: 'an agent with a tool (Responses), streamed',
      requests: ['openai.responses', 'openai.responses'],
      run: async (proxy) => {
        const result = await createRunner(proxy, true).run(agent('gpt-5-mini'), toolQuestion, { stream: true });
        await result.completed;
        return result.finalOutput ?? '';
      },
    },
    {
      title: 'an agent with a tool (chat completions)',
      requests: ['openai.chat/completions', 'openai.chat/completions'],
      run: async (proxy) =>
        (await createRunner(proxy, false).run(agent('gpt-4o-mini'), toolQuestion)).finalOutput ?? '',
    },
  ],
};

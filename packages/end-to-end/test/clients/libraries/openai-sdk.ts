import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
  type ClientTool,
  type ProxyAddress,
  question,
  toolQuestion,
  weather,
  weatherTool,
  weatherToolDescription,
} from '../support/client-case.js';

const create = ({ url, accessToken }: ProxyAddress) => new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: accessToken });
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

export const openaiSdk: ClientTool = {
  name: 'OpenAI SDK',
  cases: [
    {
      title: 'chat.completions.runTools',
      requests: ['openai.chat/completions', 'openai.chat/completions'],
      run: async (proxy) => {
        const runner = create(proxy).chat.completions.runTools({
          model: 'gpt-4o-mini',
          messages: [{ role: 'user', content: toolQuestion }],
          tools: [
            {
              type: 'function',
              function: {
                name: weatherTool,
                description: weatherToolDescription,
                parameters,
                parse: JSON.parse,
                function: () => weather,
              },
            },
          ],
        });
        return (await runner.finalContent()) ?? '';
      },
    },
    {
      title: 'responses.stream, with its output sent back as input',
      requests: ['openai.responses', 'openai.responses'],
      run: async (proxy) => {
        const tools = [
          {
            type: 'function' as const,
            name: weatherTool,
            description: weatherToolDescription,
            parameters,
            strict: true,
          },
        ];
        const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: toolQuestion }];
        const openai = create(proxy);
        const first = await openai.responses.stream({ model: 'gpt-5-mini', input, tools }).finalResponse();
        // the SDK's types of input and output differ in items that do not occur here
        input.push(...(first.output as OpenAI.Responses.ResponseInput));
        for (const item of first.output)
          if (item.type === 'function_call')
            input.push({ type: 'function_call_output', call_id: item.call_id, output: weather });
        return (await openai.responses.create({ model: 'gpt-5-mini', input, tools })).output_text;
      },
    },
    {
      title: 'responses.create with a format',
      requests: ['openai.responses'],
      run: async (proxy) => {
        const format = zodTextFormat(z.object({ city: z.string() }), 'answer');
        return (await create(proxy).responses.create({ model: 'gpt-5-mini', input: question, text: { format } }))
          .output_text;
      },
    },
  ],
};

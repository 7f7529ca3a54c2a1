import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, type LanguageModel, streamText, tool } from 'ai';
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

const openai = ({ url, accessToken }: ProxyAddress) =>
  createOpenAI({ baseURL: `${url}/openai/v1`, apiKey: accessToken });
/** The library's model of each provider, and the operations that it calls with and without streaming. */
const providers: Readonly<
  Record<string, { model: (proxy: ProxyAddress) => LanguageModel; plain: string; streamed: string }>
> = {
  'openai (Responses)': {
    model: (proxy) => openai(proxy)('gpt-5-mini'),
    plain: 'openai.responses',
    streamed: 'openai.responses',
  },
  'openai.chat': {
    model: (proxy) => openai(proxy).chat('gpt-4o-mini'),
    plain: 'openai.chat/completions',
    streamed: 'openai.chat/completions',
  },
  anthropic: {
    model: ({ url, accessToken }) =>
      createAnthropic({ baseURL: `${url}/anthropic/v1`, apiKey: accessToken })('claude-haiku-4-5'),
    plain: 'anthropic.messages',
    streamed: 'anthropic.messages',
  },
  google: {
    model: ({ url, accessToken }) =>
      createGoogle({ baseURL: `${url}/google/v1beta`, apiKey: accessToken })('gemini-2.5-flash'),
    plain: 'google.generateContent',
    streamed: 'google.streamGenerateContent',
  },
};

const tools = {
  [weatherTool]: tool({
    description: weatherToolDescription,
    inputSchema: z.object({ city: z.string() }),
    execute: () => Promise.resolve(weather),
  }),
};

export const vercelAi: ClientTool = {
  name: 'Vercel AI SDK',
  cases: Object.entries(providers).flatMap(([name, { model, plain, streamed }]) => [
    {
      title: `${name}: generateText`,
      requests: [plain],
      run: async (proxy) => (await generateText({ model: model(proxy), prompt: question })).text,
    },
    {
      title: `${name}: a tool loop of two steps with generateText`,
      requests: [plain, plain],
      run: async (proxy) => {
        const loop = { model: model(proxy), prompt: toolQuestion, tools, stopWhen: isStepCount(3) };
        return (await generateText(loop)).text;
      },
    },
    {
      title: `${name}: a tool loop of two steps with streamText`,
      requests: [streamed, streamed],
      run: async (proxy) =>
        streamText({ model: model(proxy), prompt: toolQuestion, tools, stopWhen: isStepCount(3) }).text,
    },
  ]),
};

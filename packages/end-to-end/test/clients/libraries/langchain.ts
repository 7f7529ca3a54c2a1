import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { ChatOpenAI } from '@langchain/openai';
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

const getWeather = tool(() => weather, {
  name: weatherTool,
  description: weatherToolDescription,
  schema: z.object({ city: z.string() }),
});

interface Model {
  readonly create: (proxy: ProxyAddress) => BaseChatModel;
  /** The operations that the library calls without and with streaming. */
  readonly plain: string;
  readonly streamed: string;
}

const openai = ({ url, accessToken }: ProxyAddress) => ({
  apiKey: accessToken,
  configuration: { baseURL: `${url}/openai/v1` },
});

const models: Readonly<Record<string, Model>> = {
  'ChatOpenAI (chat completions)': {
    create: (proxy) => new ChatOpenAI({ model: 'gpt-4o-mini', ...openai(proxy) }),
    plain: 'openai.chat/completions',
    streamed: 'openai.chat/completions',
  },
  'ChatOpenAI (Responses)': {
    create: (proxy) => new ChatOpenAI({ model: 'gpt-5-mini', useResponsesApi: true, ...openai(proxy) }),
    plain: 'openai.responses',
    streamed: 'openai.responses',
  },
  ChatAnthropic: {
    create: ({ url, accessToken }) =>
      new ChatAnthropic({ model: 'claude-haiku-4-5', apiKey: accessToken, anthropicApiUrl: `${url}/anthropic` }),
    plain: 'anthropic.messages',
    streamed: 'anthropic.messages',
  },
  ChatGoogleGenerativeAI: {
    create: ({ url, accessToken }) =>
      new ChatGoogleGenerativeAI({ model: 'gemini-2.5-flash', apiKey: accessToken, baseUrl: `${url}/google` }),
    plain: 'google.generateContent',
    streamed: 'google.streamGenerateContent',
  },
};

/** Lets the model call the tool, and gives it the result. @returns the model's answer to the result */
async function callTool(model: BaseChatModel): Promise<string> {
  const withTools = model.bindTools?.([getWeather]);
  if (withTools === undefined) throw new Error('this model takes no tools');
  const asked = new HumanMessage(toolQuestion);
  const called = await withTools.invoke([asked]);
  const results = await Promise.all((called.tool_calls ?? []).map((call) => getWeather.invoke(call)));
  return (await withTools.invoke([asked, called, ...results])).text;
}

async function stream(model: BaseChatModel): Promise<string> {
  let text = '';
  for await (const chunk of await model.stream(question)) text += chunk.text;
  return text;
}

export const langchain: ClientTool = {
  name: 'LangChain',
  cases: Object.entries(models).flatMap(([name, { create, plain, streamed }]) => [
    { title: `${name}: stream`, requests: [streamed], run: (proxy) => stream(create(proxy)) },
    { title: `${name}: a tool`, requests: [plain, plain], run: (proxy) => callTool(create(proxy)) },
  ]),
};

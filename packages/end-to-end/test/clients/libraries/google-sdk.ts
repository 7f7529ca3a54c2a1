import { type CallableTool, type FunctionCall, GoogleGenAI, Type } from '@google/genai';
import {
  type ClientTool,
  type ProxyAddress,
  question,
  toolQuestion,
  weather,
  weatherTool,
  weatherToolDescription,
} from '../support/client-case.js';

const model = 'gemini-2.5-flash';
const create = ({ url, accessToken }: ProxyAddress) =>
  new GoogleGenAI({ apiKey: accessToken, httpOptions: { baseUrl: `${url}/google` } });

const callableTool: CallableTool = {
  tool: () =>
    Promise.resolve({
      functionDeclarations: [
        {
          name: weatherTool,
          description: weatherToolDescription,
          parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
        },
      ],
    }),
  callTool: (calls: FunctionCall[]) =>
    Promise.resolve(calls.map(({ name = '' }) => ({ functionResponse: { name, response: { output: weather } } }))),
};

export const googleSdk: ClientTool = {
  name: 'Google Gen AI SDK',
  cases: [
    {
      title: 'models.generateContent that calls functions by itself',
      requests: ['google.generateContent', 'google.generateContent'],
      run: async (proxy) => {
        const request = { model, contents: toolQuestion, config: { tools: [callableTool] } };
        return (await create(proxy).models.generateContent(request)).text ?? '';
      },
    },
    {
      title: 'chats.sendMessageStream, twice',
      requests: ['google.streamGenerateContent', 'google.streamGenerateContent'],
      run: async (proxy) => {
        const chat = create(proxy).chats.create({ model });
        let text = '';
        for (const message of [question, question]) {
          text = '';
          for await (const chunk of await chat.sendMessageStream({ message })) text += chunk.text ?? '';
        }
        return text;
      },
    },
  ],
};

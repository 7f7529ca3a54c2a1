import { Mistral } from '@mistralai/mistralai';
import { MODEL, OTHER_MODEL, PROXY, question, run, TOKEN, tool, toolQuestion, weather } from './common.mjs';

// This SDK adds `/v1`, and names the members of the API in camel case.
const mistral = new Mistral({ serverURL: `${PROXY}/mistral`, apiKey: TOKEN });
const ask = (body) => mistral.chat.complete({ model: MODEL, ...body });
const messages = [{ role: 'user', content: question }];

await run({
  chat: async () => (await ask({ messages })).choices[0].message.content,
  stream: async () => {
    let text = '';
    for await (const { data } of await mistral.chat.stream({ model: MODEL, messages }))
      text += data.choices[0]?.delta.content ?? '';
    return text;
  },
  tools: async () => {
    const thread = [{ role: 'user', content: toolQuestion }];
    const { message } = (await ask({ messages: thread, tools: [tool] })).choices[0];
    thread.push({ ...message, role: 'assistant' });
    for (const { id } of message.toolCalls)
      thread.push({ role: 'tool', name: tool.function.name, toolCallId: id, content: weather });
    return (await ask({ messages: thread, tools: [tool] })).choices[0].message.content;
  },
  error: async () => ask({ model: OTHER_MODEL, messages }),
  models: async () => JSON.stringify((await mistral.models.list()).data.map(({ id }) => id)),
  embeddings: async () => {
    const { data } = await mistral.embeddings.create({ model: 'mistral-embed', inputs: ['One.', 'Two.'] });
    return JSON.stringify(data.map(({ embedding }) => embedding));
  },
});

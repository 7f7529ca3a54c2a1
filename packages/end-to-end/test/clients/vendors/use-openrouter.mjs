import { OpenRouter } from '@openrouter/sdk';
import { MODEL, OTHER_MODEL, PROXY, question, run, TOKEN, tool, toolQuestion, weather } from './common.mjs';

const openrouter = new OpenRouter({ serverURL: `${PROXY}/openrouter/v1`, apiKey: TOKEN });
// This SDK names the members of the API in camel case.
const ask = (body) => openrouter.chat.send({ chatRequest: { model: MODEL, ...body } });
const messages = [{ role: 'user', content: question }];

await run({
  chat: async () => (await ask({ messages })).choices[0].message.content,
  stream: async () => {
    let text = '';
    for await (const { choices } of await ask({ messages, stream: true })) text += choices[0]?.delta.content ?? '';
    return text;
  },
  tools: async () => {
    const thread = [{ role: 'user', content: toolQuestion }];
    const { message } = (await ask({ messages: thread, tools: [tool] })).choices[0];
    thread.push(message);
    for (const { id } of message.toolCalls) thread.push({ role: 'tool', toolCallId: id, content: weather });
    return (await ask({ messages: thread, tools: [tool] })).choices[0].message.content;
  },
  error: async () => ask({ model: OTHER_MODEL, messages }),
  models: async () => {
    const ids = [];
    for await (const { result } of await openrouter.models.list()) ids.push(...result.data.map(({ id }) => id));
    return JSON.stringify(ids);
  },
});

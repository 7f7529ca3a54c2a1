// The parts that all scripts share: the address of the proxy, the token that replaces the API key, and one tool.

export const { PROXY, TOKEN, MODEL, OTHER_MODEL } = process.env;

export const question = 'What is the capital of France?';
export const toolQuestion = 'What is the weather in Paris?';
export const weather = 'Sunny, 21 degrees.';
export const tool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

/** Runs the case that the first argument names, and prints its result, or the status and the message of its error. */
export async function run(cases) {
  try {
    console.log(await cases[process.argv[2]]());
  } catch (error) {
    console.log(`${error.status ?? error.statusCode ?? ''} ${error.message}`.trim());
  }
}

/** The cases of an SDK that has the methods of OpenAI's SDK. */
export function casesOf(client) {
  const ask = (body) => client.chat.completions.create({ model: MODEL, ...body });
  return {
    chat: async () => (await ask({ messages: [{ role: 'user', content: question }] })).choices[0].message.content,
    stream: async () => {
      let text = '';
      for await (const { choices } of await ask({ messages: [{ role: 'user', content: question }], stream: true }))
        text += choices[0]?.delta?.content ?? '';
      return text;
    },
    tools: async () => {
      const messages = [{ role: 'user', content: toolQuestion }];
      const { message } = (await ask({ messages, tools: [tool] })).choices[0];
      messages.push(message);
      for (const { id } of message.tool_calls) messages.push({ role: 'tool', tool_call_id: id, content: weather });
      return (await ask({ messages, tools: [tool] })).choices[0].message.content;
    },
    error: async () => ask({ model: OTHER_MODEL, messages: [{ role: 'user', content: question }] }),
    models: async () => JSON.stringify((await client.models.list()).data.map(({ id }) => id)),
  };
}

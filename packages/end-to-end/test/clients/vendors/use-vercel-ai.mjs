import { createCerebras } from '@ai-sdk/cerebras';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createFireworks } from '@ai-sdk/fireworks';
import { createGroq } from '@ai-sdk/groq';
import { createMistral } from '@ai-sdk/mistral';
import { createTogetherAI } from '@ai-sdk/togetherai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { embedMany, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { MODEL, OTHER_MODEL, PROXY, question, run, TOKEN, toolQuestion, weather } from './common.mjs';

const creators = {
  cerebras: createCerebras,
  deepseek: createDeepSeek,
  fireworks: createFireworks,
  groq: createGroq,
  mistral: createMistral,
  openrouter: createOpenRouter,
  together: createTogetherAI,
};
const { UPSTREAM } = process.env;
const create = creators[UPSTREAM]({ baseURL: `${PROXY}/${UPSTREAM}/v1`, apiKey: TOKEN });
const settings = { model: create(MODEL), maxRetries: 0 };
const tools = {
  get_weather: tool({
    description: 'Tells the weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: () => weather,
  }),
};

await run({
  chat: async () => (await generateText({ ...settings, prompt: question })).text,
  stream: async () => streamText({ ...settings, prompt: question }).text,
  tools: async () => (await generateText({ ...settings, prompt: toolQuestion, tools, stopWhen: isStepCount(3) })).text,
  error: async () => generateText({ ...settings, model: create(OTHER_MODEL), prompt: question }),
  embeddings: async () => {
    const model = create.embeddingModel('mistral-embed');
    return JSON.stringify((await embedMany({ model, values: ['One.', 'Two.'], maxRetries: 0 })).embeddings);
  },
});

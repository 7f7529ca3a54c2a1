import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { z } from 'zod';
import {
  type ClientTool,
  type ProxyAddress,
  toolQuestion,
  weather,
  weatherTool,
  weatherToolDescription,
} from '../support/client-case.js';

function runTools({ url, accessToken }: ProxyAddress, stream: boolean) {
  const anthropic = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: accessToken });
  return anthropic.beta.messages.toolRunner({
    model: 'claude-haiku-4-5',
    max_tokens: 500,
    messages: [{ role: 'user', content: toolQuestion }],
    tools: [
      betaZodTool({
        name: weatherTool,
        description: weatherToolDescription,
        inputSchema: z.object({ city: z.string() }),
        run: () => weather,
      }),
    ],
    stream,
  });
}

const textOf = (message: Anthropic.Beta.BetaMessage) =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export const anthropicSdk: ClientTool = {
  name: 'Anthropic SDK',
  cases: [false, true].map((stream) => ({
    title: `beta.messages.toolRunner${stream ? ', streamed' : ''}`,
    // The first turn asks the vendor to store the thread, but the proxy leaves that out. The second turn continues the
    // thread, and gets a 404. From then on the SDK sends all messages.
    requests: ['anthropic.messages', 'anthropic.messages 404', 'anthropic.messages'],
    drops: ['thread', 'anthropic-beta:message-threads-2026-08-12'],
    run: async (proxy) => textOf(await runTools(proxy, stream).runUntilDone()),
  })),
};

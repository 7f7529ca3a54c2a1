import { cpSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientCase } from '../support/client-case.js';
import type { OnDemandTool } from '../support/on-demand-tool.js';
import { runProgram } from '../support/run-program.js';

/** In the sources, because the scripts are not compiled. */
const scripts = fileURLToPath(new URL('../../../../test/clients/vendors/', import.meta.url));

/** An SDK as a tool, and the AI provider that it calls through the proxy. */
export interface VendorSdk extends OnDemandTool {
  readonly upstream: string;
}

type Difference = Partial<Omit<ClientCase, 'title' | 'run'>>;

/**
 * @param name the name of its script, and the beginning of its name in `clients` of package.json
 * @param models a model that the token allows, and one that it does not allow
 * @param differences what is different from the usual cases, by their titles. `undefined`: there is no such case
 */
function sdk(
  name: string,
  upstream: string,
  models: readonly [string, string],
  differences: Readonly<Record<string, Difference | undefined>> = {},
): VendorSdk {
  const chat = `${upstream}.openai.chat/completions`;
  const usual: Readonly<Record<string, Difference>> = {
    chat: { requests: [chat] },
    stream: { requests: [chat] },
    tools: { requests: [chat, chat] },
    error: { requests: [`${chat} 403`], answer: '403' },
    models: { requests: [`${upstream}.openai.models.list`], answer: JSON.stringify([models[0]]) },
  };
  const cases = Object.entries({ ...usual, ...differences }).filter(([, difference]) => difference !== undefined);
  return {
    id: `npm/${name === 'vercel-ai' ? name : `${name}-sdk`}`,
    upstream,
    describe: (directory) => ({
      name: `${name}, with ${upstream}`,
      cases: cases.map(([title, difference]) => ({
        title,
        requests: [],
        ...usual[title],
        ...difference,
        run: ({ url, accessToken }) => {
          // Node.js finds packages by the folder of the script, so the scripts are copied to the packages.
          const copied = path.join(directory, 'scripts');
          cpSync(scripts, copied, { recursive: true });
          return runProgram({
            command: [process.execPath, `use-${name}.mjs`, title],
            directory: copied,
            environment: {
              PROXY: url,
              TOKEN: accessToken,
              UPSTREAM: upstream,
              MODEL: models[0],
              OTHER_MODEL: models[1],
              HOME: directory,
            },
          });
        },
      })),
    }),
  };
}

const models = {
  mistral: ['mistral-large-2512', 'mistral-medium-2505'],
  groq: ['llama-3.3-70b-versatile', 'llama-3.1-8b-instant'],
  deepseek: ['deepseek-v4-flash', 'deepseek-v4-pro'],
  openrouter: ['anthropic/claude-haiku-4.5', 'openai/gpt-4o'],
  together: ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta-llama/Llama-4-Scout-17B-16E-Instruct'],
  fireworks: ['accounts/fireworks/models/kimi-k2p5', 'accounts/fireworks/models/gpt-oss-120b'],
  cerebras: ['gpt-oss-120b', 'zai-glm-4.7'],
} as const;

const mistralEmbeddings = { requests: ['mistral.openai.embeddings'], answer: '[[0.25,-0.5],[0.25,-0.5]]' };

/** The AI SDK lists no models. */
const vercelAi = (upstream: keyof typeof models, differences: Parameters<typeof sdk>[3] = {}) =>
  sdk('vercel-ai', upstream, models[upstream], { models: undefined, ...differences });

export const vendorSdks: readonly VendorSdk[] = [
  sdk('mistral', 'mistral', models.mistral, { embeddings: mistralEmbeddings }),
  sdk('groq', 'groq', models.groq),
  sdk('openrouter', 'openrouter', models.openrouter, { models: undefined }),
  sdk('together', 'together', models.together),
  sdk('cerebras', 'cerebras', models.cerebras),
  vercelAi('mistral', { embeddings: mistralEmbeddings }),
  vercelAi('groq'),
  vercelAi('deepseek'),
  vercelAi('openrouter'),
  vercelAi('together'),
  vercelAi('fireworks'),
  vercelAi('cerebras'),
];

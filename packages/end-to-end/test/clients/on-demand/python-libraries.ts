import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientCase } from '../support/client-case.js';
import type { OnDemandTool } from '../support/on-demand-tool.js';
import { runProgram } from '../support/run-program.js';

/** In the sources, because the scripts are not compiled. */
const scripts = fileURLToPath(new URL('../../../../test/clients/python/', import.meta.url));

/** Keeps Python from writing caches into the sources, and litellm from fetching a list of prices. */
const quiet = { PYTHONDONTWRITEBYTECODE: '1', LITELLM_LOCAL_MODEL_COST_MAP: 'True' };

const chat = 'openai.chat/completions';
const responses = 'openai.responses';
const anthropic = 'anthropic.messages';
const google = 'google.generateContent';

/**
 * @param name as in `clients` of package.json; the name of the script contains it
 * @param cases by the first argument of the script
 */
function library(name: string, cases: Readonly<Record<string, Omit<ClientCase, 'title' | 'run'>>>) {
  return {
    id: `python/${name}`,
    describe: (directory) => ({
      name: `${name} (Python)`,
      cases: Object.entries(cases).map(([title, each]) => ({
        title,
        ...each,
        run: ({ url, accessToken }) =>
          runProgram({
            command: [path.join(directory, 'bin/python'), `use_${name.replaceAll('-', '_')}.py`, title],
            directory: scripts,
            environment: { PROXY: url, TOKEN: accessToken, HOME: directory, ...quiet },
          }),
      })),
    }),
  } satisfies OnDemandTool;
}

export const pythonLibraries: readonly OnDemandTool[] = [
  library('openai', { chat: { requests: [chat] }, responses: { requests: [responses, responses] } }),
  library('anthropic', {
    chat: { requests: [anthropic] },
    // As in JavaScript, the second turn gets a 404, because no thread is stored. Then the SDK sends all messages.
    tool: {
      requests: [anthropic, `${anthropic} 404`, anthropic],
      drops: ['thread', 'anthropic-beta:message-threads-2026-08-12'],
    },
  }),
  library('google-genai', {
    chat: { requests: ['google.streamGenerateContent'] },
    tool: { requests: [google, google] },
  }),
  library('langchain', {
    chat: { requests: [chat] },
    tool: { requests: [chat, chat] },
    responses: { requests: [responses, responses] },
  }),
  library('litellm', {
    openai: { requests: [chat, chat] },
    anthropic: { requests: [anthropic, anthropic] },
    // There is no case with a tool: the simulated AI provider does not know this library's spelling of the member,
    // `function_declarations`.
    google: { requests: [google] },
  }),
  library('pydantic-ai', {
    chat: { requests: [chat, chat] },
    responses: { requests: [responses, responses] },
    anthropic: { requests: [anthropic, anthropic] },
    google: { requests: [google, google] },
  }),
  library('openai-agents', {
    responses: { requests: [responses, responses] },
    chat: { requests: [chat, chat] },
  }),
  // This library returns the arguments of the tool call.
  library('instructor', { tool: { requests: [chat], answer: 'Paris' } }),
  library('llama-index', {
    chat: { requests: [chat] },
    tool: { requests: [chat, chat] },
    responses: { requests: [responses, responses] },
  }),
  library('dspy', { openai: { requests: [chat] }, anthropic: { requests: [anthropic] } }),
];

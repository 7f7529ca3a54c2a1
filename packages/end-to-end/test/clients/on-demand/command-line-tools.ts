import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClientCase, ProxyAddress } from '../support/client-case.js';
import type { OnDemandTool } from '../support/on-demand-tool.js';
import { runProgram } from '../support/run-program.js';

const question = 'What does `echo hi` print here?';

/** The arguments with which the simulated AI provider calls the programs' tools, by the name of the tool. */
export const toolCalls = {
  Bash: { command: 'echo hi', description: 'Says hi' },
  exec_command: { cmd: 'echo hi' },
  list_directory: { dir_path: '.' },
  bash: { command: 'echo hi', description: 'Says hi' },
};

/** One run that answers one question and ends, in its own home folder. */
interface Invocation {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The texts of files, by their paths below the home folder. */
  readonly files?: Readonly<Record<string, string>>;
}

interface CommandLineTool {
  readonly name: string;
  /** Its kind and name, as in `clients` of package.json. */
  readonly id: string;
  readonly program: string;
  readonly cases: Readonly<
    Record<string, Omit<ClientCase, 'title' | 'run'> & { readonly invoke: (proxy: ProxyAddress) => Invocation }>
  >;
}

const codexSettings = ({ url }: ProxyAddress) => `model_provider = "aipassport"
[model_providers.aipassport]
name = "AIPassport"
base_url = "${url}/openai/v1"
env_key = "AIPASSPORT_TOKEN"
wire_api = "responses"
`;

const codex = (model: string) => (proxy: ProxyAddress) => ({
  args: ['exec', '--skip-git-repo-check', '--model', model, question],
  environment: { AIPASSPORT_TOKEN: proxy.accessToken },
  files: { '.codex/config.toml': codexSettings(proxy) },
});

const opencode = (model: string) => (proxy: ProxyAddress) => {
  const options = (base: string) => ({ options: { baseURL: proxy.url + base, apiKey: '{env:AIPASSPORT_TOKEN}' } });
  const provider = { openai: options('/openai/v1'), anthropic: options('/anthropic/v1') };
  return {
    args: ['run', '--model', model, question],
    environment: {
      AIPASSPORT_TOKEN: proxy.accessToken,
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
    },
    files: { 'project/opencode.json': JSON.stringify({ provider }) },
  };
};

const tools: readonly CommandLineTool[] = [
  {
    name: 'Claude Code',
    id: 'npm/claude-code',
    program: 'claude',
    cases: {
      'claude -p': {
        requests: ['anthropic.messages', 'anthropic.messages'],
        invoke: ({ url, accessToken }) => ({
          args: ['-p', question, '--allowedTools', 'Bash'],
          environment: {
            ANTHROPIC_BASE_URL: `${url}/anthropic`,
            ANTHROPIC_AUTH_TOKEN: accessToken,
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          },
        }),
      },
    },
  },
  {
    name: 'Codex',
    id: 'npm/codex',
    program: 'codex',
    cases: {
      'codex exec': { requests: ['openai.responses', 'openai.responses'], invoke: codex('gpt-5.3-codex') },
      // Codex describes its tools in the input here. The simulated AI provider does not look there, so it calls none.
      'codex exec with a model of the sixth generation': { requests: ['openai.responses'], invoke: codex('gpt-6-sol') },
    },
  },
  {
    name: 'Gemini CLI',
    id: 'npm/gemini-cli',
    program: 'gemini',
    cases: {
      'gemini -p': {
        requests: ['google.generateContent', 'google.streamGenerateContent', 'google.streamGenerateContent'],
        invoke: ({ url, accessToken }) => ({
          args: ['-p', question, '--yolo', '--skip-trust'],
          environment: { GEMINI_API_KEY: accessToken, GOOGLE_GEMINI_BASE_URL: `${url}/google` },
          files: { '.gemini/settings.json': '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' },
        }),
      },
    },
  },
  {
    name: 'opencode',
    id: 'npm/opencode',
    program: 'opencode',
    cases: {
      // one of the three requests is for the title of the conversation
      'opencode run with OpenAI': {
        requests: ['openai.responses', 'openai.responses', 'openai.responses'],
        invoke: opencode('openai/gpt-5-mini'),
      },
      'opencode run with Anthropic': {
        requests: ['anthropic.messages', 'anthropic.messages', 'anthropic.messages'],
        invoke: opencode('anthropic/claude-haiku-4-5'),
      },
    },
  },
];

export const commandLineTools: readonly OnDemandTool[] = tools.map(({ name, id, program, cases }) => ({
  id,
  describe: (directory) => ({
    name,
    cases: Object.entries(cases).map(([title, { invoke, ...each }]) => ({
      title,
      ...each,
      run: (proxy) => runAtHome(path.join(directory, 'node_modules/.bin', program), invoke(proxy)),
    })),
  }),
}));

async function runAtHome(program: string, { args, environment, files = {} }: Invocation): Promise<string> {
  const home = mkdtempSync(path.join(tmpdir(), 'aipassport-client-'));
  const project = path.join(home, 'project');
  mkdirSync(project);
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      writeFileSync(path.join(home, file), text);
    }
    return await runProgram({
      command: [program, ...args],
      directory: project,
      environment: { HOME: home, ...environment },
    });
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

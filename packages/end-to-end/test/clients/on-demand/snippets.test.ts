import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'node-html-parser';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { type ClientStack, redirectUri, startClientStack } from '../support/stack.js';

/** How the program of a language is run, in a folder that has its packages. */
interface Language {
  readonly name: 'Python' | 'Go';
  /** The packages, as in `clients` of package.json. */
  readonly tool: string;
  readonly file: string;
  readonly command: (directory: string) => readonly [string, ...string[]];
}

const languages: readonly Language[] = [
  {
    name: 'Python',
    tool: 'python/oauth',
    file: 'run.py',
    command: (directory) => [path.join(directory, 'bin/python'), '-u', 'run.py'],
  },
  {
    name: 'Go',
    tool: 'go/oauth2',
    file: 'run.go',
    command: () => [process.env['CLIENTS_GO'] ?? 'go', 'run', 'run.go'],
  },
];

const apps = [
  { title: 'a website with a server', fill: { type: 'web', redirect_uris: redirectUri } },
  { title: 'an app without a secret', fill: { type: 'spa', redirect_uris: redirectUri } },
  { title: 'a command line', fill: { type: 'terminal', redirect_uris: '' } },
] as const;

let stack: ClientStack;
beforeAll(async () => {
  stack = await startClientStack();
});
afterAll(() => stack?.stop());

/** The example program on the page of an app that the developer has just registered. */
async function readSnippet(language: string, fill: Readonly<Record<string, string>>) {
  const { owner } = stack;
  const { page } = await owner.open('/account/developer/clients/new');
  const made = await owner.press(page, 'Register an app', { fill: { name: `${language} example`, ...fill } });
  const shown = made.page.document.querySelectorAll('details').find((one) => one.text.startsWith(language));
  return {
    text: parse(/<code>([^<]*)/.exec(shown?.outerHTML ?? '')?.[1] ?? '').text,
    secret: made.page.document.querySelector('#new-secret')?.text ?? '',
  };
}

/** The owner opens the address and allows the request. @returns the address to which the browser was sent */
async function allow(address: string): Promise<string> {
  const { owner } = stack;
  if (!address.includes('/device')) return (await owner.allow(new URL(address))).href;
  const { page } = await owner.open(address);
  const consent = page.url.pathname === '/device' ? (await owner.press(page, 'Continue')).page : page;
  await owner.press(consent, 'Allow');
  return '';
}

async function run({ name, file, command, tool }: Language, fill: Readonly<Record<string, string>>): Promise<string> {
  const installed = findInstalled(tool);
  if (!('directory' in installed)) throw new Error(installed.missing);
  const { text, secret } = await readSnippet(name, fill);
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-snippet-'));
  try {
    if (name === 'Go')
      for (const one of ['go.mod', 'go.sum']) cpSync(path.join(installed.directory, one), path.join(directory, one));
    writeFileSync(path.join(directory, file), text);
    const [program, ...args] = command(installed.directory);
    const env = { ...process.env, CLIENT_SECRET: secret };
    const child = spawn(program, args, { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let isAsked = false;
    const read = (chunk: string) => {
      output += chunk;
      const address = /Open this URL: (\S+)\s/.exec(output)?.[1];
      if (address === undefined || isAsked) return;
      isAsked = true;
      allow(address).then(
        (back) => child.stdin.end(`${back}\n`),
        (error: unknown) => child.stdin.destroy(error as Error),
      );
    };
    child.stdin.on('error', (error) => (output += String(error)));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    await once(child, 'close');
    return output;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const language of languages) {
  const installed = findInstalled(language.tool);
  for (const { title, fill } of apps)
    if ('directory' in installed)
      it(
        `the program in ${language.name} on the page of ${title} gets a token and asks the AI`,
        async () => {
          expect(await run(language, fill)).toContain('Hello.');
        },
        onDemandTestMilliseconds,
      );
    else it.skip(`the program in ${language.name} for ${title} (skipped: ${installed.missing})`, () => undefined);
}

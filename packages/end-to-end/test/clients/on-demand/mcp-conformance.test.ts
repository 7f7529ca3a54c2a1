import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@aipassport/launcher';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { type ClientStack, register, startClientStack, usualScope } from '../support/stack.js';

const installed = findInstalled('npm/mcp-conformance');
const isThere = 'directory' in installed;
const titleNote = isThere ? '' : ` (skipped: ${installed.missing})`;

let stack: ClientStack;
beforeAll(async () => {
  if (isThere) stack = await startClientStack();
});
afterAll(() => stack?.stop());

(isThere ? it : it.skip)(
  `the MCP conformance tool: every check of an authorization server passes, with no warning${titleNote}`,
  async () => {
    const port = await freePort();
    const { client_id: clientId } = await register(stack, {
      token_endpoint_auth_method: 'none',
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
    });
    const { issuer, resourceProxyUrl } = stack.deployment;
    const options = { url: issuer, 'client-id': clientId, resource: resourceProxyUrl, port: String(port) };
    const { lines, code } = await runConformance(isThere ? installed.directory : '', options);
    // A check that ends with a warning is in neither number.
    expect([code, ...lines.filter((line) => / passed, /.test(line))]).toEqual([
      0,
      expect.stringMatching(/ authorization-server-metadata-endpoint: 2 passed, 0 failed$/),
      expect.stringMatching(/ authorization-code-grant: 1 passed, 0 failed$/),
      'Total: 3 passed, 0 failed',
    ]);
  },
  onDemandTestMilliseconds,
);

/** Runs the tool. When it prints its authorization request, the owner opens it and allows it. */
async function runConformance(directory: string, options: Readonly<Record<string, string>>) {
  const program = path.join(directory, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [program, 'authorization', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      // The request names no scope, so the owner chooses.
      if (line.startsWith(`${stack.deployment.issuer}/authorize?`))
        await fetch(await stack.owner.allow(new URL(line), { tick: usualScope.split(' ') }));
    }
    return { lines, code: await ended };
  } finally {
    // Without a callback the tool waits for five minutes.
    child.kill();
  }
}

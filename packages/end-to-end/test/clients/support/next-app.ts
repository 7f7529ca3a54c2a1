import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@aipassport/launcher';
import { waitUntil } from '../../harness/wait-until.js';
import { runProgram } from './run-program.js';

/** In the sources, because the scripts are not compiled. */
const sources = fileURLToPath(new URL('../../../../test/clients/next-auth/', import.meta.url));

/** An app for Next.js that signs in with NextAuth, built and not started yet. */
export interface NextApp {
  readonly origin: string;
  /** Starts it. @param environment the settings of its provider */
  readonly start: (environment: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Builds the app beside its packages.
 *
 * @param installed the folder with Next.js, and NextAuth of this version
 */
export async function buildNextApp(installed: string, nextAuthVersion: '4' | '5'): Promise<NextApp> {
  const directory = mkdtempSync(path.join(installed, 'app-'));
  for (const part of ['common', nextAuthVersion]) cpSync(path.join(sources, part), directory, { recursive: true });
  const next = [process.execPath, path.join(installed, 'node_modules/next/dist/bin/next')];
  const quiet = { HOME: directory, NEXT_TELEMETRY_DISABLED: '1' };
  await runProgram({ command: [...next, 'build'], directory, environment: quiet });
  const port = await freePort();
  // Next.js itself writes `localhost` into the address of a request to 127.0.0.1
  const origin = `http://localhost:${port}`;
  let said = '';
  let child: ChildProcess | undefined;
  return {
    origin,
    start: async (environment) => {
      const [program, ...args] = [...next, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
      const own = {
        NEXTAUTH_URL: origin,
        AUTH_TRUST_HOST: 'true',
        AUTH_SECRET: 'a-secret-of-this-test-0123456789abcdef',
      };
      child = spawn(program, args, {
        cwd: directory,
        env: { PATH: process.env['PATH'], ...quiet, ...own, ...environment },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const isUp = () =>
        fetch(origin).then(
          ({ ok }) => ok,
          () => false,
        );
      await waitUntil(isUp, 'the app answers', 60_000).catch((error: unknown) => {
        throw new Error(`Next.js did not start: ${said}`, { cause: error });
      });
    },
    close: async () => {
      if (child?.exitCode === null) {
        const ended = new Promise((resolve) => child?.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

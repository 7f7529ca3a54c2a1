import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@aipassport/launcher';
import { waitUntil } from '../../harness/wait-until.js';
import { runProgram } from './run-program.js';

/** Finds a folder beside the tests. It is in the source tree, because its files are not compiled with the tests. */
export const locateSources = (folder: string): string =>
  fileURLToPath(new URL(`../../../../test/clients/${folder}`, import.meta.url));

/** An app for Next.js. It is built, and runs after `start`. */
export interface NextApp {
  readonly origin: string;
  /** Starts it with `next start`. @param environment its settings */
  readonly start: (environment: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Builds an app in a new folder inside `installed`, where it finds its packages.
 *
 * @param installed the folder with Next.js and the other packages
 * @param sources the folders whose files are the app
 */
export async function buildNextApp(installed: string, sources: readonly string[]): Promise<NextApp> {
  const directory = mkdtempSync(path.join(installed, 'app-'));
  for (const folder of [locateSources('next-app'), ...sources]) cpSync(folder, directory, { recursive: true });
  const next = [process.execPath, path.join(installed, 'node_modules/next/dist/bin/next')];
  const quiet = { HOME: directory, NEXT_TELEMETRY_DISABLED: '1' };
  await runProgram({ command: [...next, 'build'], directory, environment: quiet });
  const port = await freePort();
  // For a request to 127.0.0.1, Next.js gives the app a URL with `localhost`.
  const origin = `http://localhost:${port}`;
  let said = '';
  let child: ChildProcess | undefined;
  return {
    origin,
    start: async (environment) => {
      const [program, ...args] = [...next, 'start', '--hostname', '127.0.0.1', '--port', String(port)];
      child = spawn(program, args, {
        cwd: directory,
        env: { PATH: process.env['PATH'], ...quiet, ...environment },
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

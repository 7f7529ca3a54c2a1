import { readFileSync } from 'node:fs';
import { ConfigurationError, limitHeap } from '@aipassport/contracts';
import { locateRotatedKeys, readConfiguration } from './configuration.js';
import { outsideHeapMegabytes } from './environment.js';
import { listWarnings } from './list-warnings.js';
import { createLog } from './log.js';
import { startAuthorizationServer } from './start-authorization-server.js';

/**
 * Starts the program. Only this file reads the environment and handles signals. Other files get the current time from
 * `now`, which is made here; only the log and measurements of durations read a clock themselves.
 */
async function main(): Promise<void> {
  const source = { variables: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const configuration = readConfiguration(source);
  limitHeap(process, { outsideMegabytes: outsideHeapMegabytes, chosenMegabytes: configuration.maxHeapMegabytes });
  const log = createLog(configuration.logLevel);
  for (const { variables, text } of listWarnings(source))
    log.warn({ event: 'configuration_doubtful', variables }, text);
  // Libraries write to the console. Their lines go to the log instead, so that every line is JSON.
  console.info = console.warn = (message: unknown) => log.debug({ event: 'library_notice', notice: String(message) });
  const rotatedKeys = locateRotatedKeys(source);
  const stopping = new AbortController();
  const stop = (reason: string) => {
    if (stopping.signal.aborted) return;
    log.info({ event: 'stopping', reason });
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  process.once('disconnect', () => stop('disconnect'));
  // The channel to the parent process must not keep this process running.
  process.channel?.unref();

  try {
    const { signal } = stopping;
    const server = await startAuthorizationServer(configuration, {
      log,
      now: () => new Date(),
      rotatedKeys,
      signal,
    });
    process.send?.({ event: 'listening', url: server.url, port: server.port });
    await untilAborted(signal);
    await server.close();
  } catch (error) {
    // The process was asked to stop before the start had finished.
    if (!stopping.signal.aborted || error !== stopping.signal.reason) throw error;
  }
  log.info({ event: 'stopped' });
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
});

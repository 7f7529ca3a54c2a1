import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@aipassport/contracts';
import { SchemaError } from '@aipassport/store';
import { locateRotatedKeys, readConfiguration } from './configuration.js';
import { createLog } from './log.js';
import { startAuthorizationServer } from './start-authorization-server.js';

/** The program: the only place that knows of the process, its environment and the clock. */
async function main(): Promise<void> {
  const source = { variables: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const configuration = readConfiguration(source);
  const log = createLog(configuration.logLevel);
  // Libraries that speak to the console speak to the log instead, which is JSON lines and nothing else.
  console.info = console.warn = (message: unknown) => log.debug({ event: 'library_notice', notice: String(message) });
  const rotatedKeys = locateRotatedKeys(source);
  const server = await startAuthorizationServer(configuration, { log, now: () => new Date(), rotatedKeys });

  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', reason });
    await server.close();
    log.info({ event: 'stopped' });
    // A parent that went away leaves the channel to it open.
    if (process.connected) process.disconnect();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(signal));
  process.once('disconnect', () => void stop('disconnect'));
  process.send?.({ event: 'listening', url: server.url, port: server.port });
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigurationError || error instanceof SchemaError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});

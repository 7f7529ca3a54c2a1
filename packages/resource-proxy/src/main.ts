import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@aipassport/contracts';
import { SchemaError } from '@aipassport/store';
import { createClock } from './clock.js';
import { locateSealingKeys, readConfiguration } from './configuration.js';
import { createLog } from './log.js';
import { startResourceProxy } from './start-resource-proxy.js';

/** A clock that differs more is one that nobody sets. */
const maxSkewMilliseconds = 5_000;

/** The program: the only place that knows of the process, its environment and the clock. */
async function main(): Promise<void> {
  const source = { variables: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const configuration = readConfiguration(source);
  const log = createLog(configuration.logLevel);
  // What Node says of libraries goes to the log too, which is JSON lines and nothing else.
  process.removeAllListeners('warning').on('warning', (warning) => log.debug({ event: 'node_warning', err: warning }));
  const clock = createClock();
  const onDatabaseTime = (databaseMilliseconds: number) => {
    const behindMilliseconds = Math.round(clock.set(databaseMilliseconds));
    if (Math.abs(behindMilliseconds) > maxSkewMilliseconds)
      log.warn(
        { event: 'clock_skew', behind_ms: behindMilliseconds },
        'the clock of this machine is not the database’s',
      );
  };
  const readSealingKeys = locateSealingKeys(source);
  const proxy = await startResourceProxy(configuration, { log, now: clock.now, readSealingKeys, onDatabaseTime });

  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', reason });
    await proxy.close();
    log.info({ event: 'stopped' });
    // A parent that went away leaves the channel to it open.
    if (process.connected) process.disconnect();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(signal));
  process.once('disconnect', () => void stop('disconnect'));
  process.send?.({ event: 'listening', url: proxy.url, port: proxy.port });
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigurationError || error instanceof SchemaError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});

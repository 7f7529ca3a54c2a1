import { readFileSync } from 'node:fs';
import { ConfigurationError, limitHeap, runUntilStopped } from '@aipassport/contracts';
import { createClock } from './clock.js';
import { locateRotatedSecrets, locateSealingKeys, readConfiguration } from './configuration.js';
import { outsideHeapMegabytes } from './environment.js';
import { listWarnings } from './list-warnings.js';
import { createLog } from './log.js';
import { startResourceProxy } from './start-resource-proxy.js';

/**
 * If the machine's clock differs from the database's clock by more than this, one of the two is not being synchronised.
 */
const maxSkewMilliseconds = 5_000;

/** The program. Only this function reads the environment variables, and creates the clock for all other parts. */
async function main(): Promise<void> {
  const source = { variables: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const configuration = readConfiguration(source);
  limitHeap(process, { outsideMegabytes: outsideHeapMegabytes, chosenMegabytes: configuration.maxHeapMegabytes });
  const log = createLog(configuration.logLevel);
  for (const { variables, text } of listWarnings(source))
    log.warn({ event: 'configuration_doubtful', variables }, text);
  // Node's warnings go to the log too, which contains only JSON lines.
  process.removeAllListeners('warning').on('warning', (warning) => log.debug({ event: 'node_warning', err: warning }));
  const clock = createClock();
  const onDatabaseTime = (databaseMilliseconds: number) => {
    const behindMilliseconds = Math.round(clock.set(databaseMilliseconds));
    if (Math.abs(behindMilliseconds) > maxSkewMilliseconds)
      log.warn(
        { event: 'clock_skew', behind_ms: behindMilliseconds },
        'the clock of this machine differs from the database’s',
      );
  };
  const sealingKeysFile = locateSealingKeys(source);
  const rotatedSecrets = locateRotatedSecrets(source, configuration.secretFiles);
  await runUntilStopped({
    process,
    log,
    start: (signal) =>
      startResourceProxy(configuration, {
        log,
        now: clock.now,
        sealingKeysFile,
        rotatedSecrets,
        onDatabaseTime,
        signal,
      }),
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
});

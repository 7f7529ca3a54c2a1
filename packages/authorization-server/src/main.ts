import { readFileSync } from 'node:fs';
import { ConfigurationError, limitHeap, runUntilStopped, SecretFiles } from '@aipassport/contracts';
import { locateRotatedKeys, readConfiguration, readDatabaseUrl } from './configuration.js';
import { outsideHeapMegabytes } from './environment.js';
import { listWarnings } from './list-warnings.js';
import { createLog } from './log.js';
import { locateRotatedSecrets } from './rotated-secrets.js';
import { startAuthorizationServer } from './start-authorization-server.js';

/**
 * Starts the program. Only this file reads the environment. Other files get the current time from `now`, which is made
 * here; only the log and measurements of durations read a clock themselves.
 */
async function main(): Promise<void> {
  const source = { variables: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const secretFiles = new SecretFiles(source);
  const configuration = readConfiguration(source, secretFiles);
  limitHeap(process, { outsideMegabytes: outsideHeapMegabytes, chosenMegabytes: configuration.maxHeapMegabytes });
  const log = createLog(configuration.logLevel);
  for (const { variables, text } of listWarnings(source))
    log.warn({ event: 'configuration_doubtful', variables }, text);
  // Libraries write to the console. Their lines go to the log instead, so that every line is JSON.
  console.info = console.warn = (message: unknown) => log.debug({ event: 'library_notice', notice: String(message) });
  secretFiles.reportTo(log);
  const rotatedKeys = locateRotatedKeys(source);
  const rotatedSecrets = locateRotatedSecrets(source, secretFiles);
  await runUntilStopped({
    process,
    log,
    start: (signal) =>
      startAuthorizationServer(configuration, {
        log,
        now: () => new Date(),
        rotatedKeys,
        rotatedSecrets,
        readDatabaseUrl: () => readDatabaseUrl(source),
        signal,
      }),
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
});

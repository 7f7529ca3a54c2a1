import { readFileSync } from 'node:fs';
import { createLog, readConfiguration, startResourceProxy } from '@aipassport/resource-proxy';
import { readFailpoint } from './failpoint.js';

/**
 * The resource proxy's main program for tests. Unlike the usual program, it reads two further environment variables:
 * LIMITS, a JSON object with some of `ProxyLimits`, and FAILPOINT, which failpoint.ts describes.
 */
if (process.env['NODE_ENV'] !== 'test') throw new Error('this program is for tests only');
const configuration = readConfiguration({
  variables: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
});
const limits = { ...configuration.limits, ...(JSON.parse(process.env['LIMITS'] ?? '{}') as object) };
const onFailpoint = readFailpoint(process.env['FAILPOINT']);
const proxy = await startResourceProxy(
  { ...configuration, limits },
  { log: createLog(configuration.logLevel), now: Date.now, ...(onFailpoint === undefined ? {} : { onFailpoint }) },
);

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await proxy.close();
  if (process.connected) process.disconnect();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
process.once('disconnect', () => void stop());

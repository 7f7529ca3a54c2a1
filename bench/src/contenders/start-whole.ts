import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultProxyClientId, freePort, startServer } from '@aipassport/launcher';
import type { BenchmarkDatabase } from '../database/start-database-server.js';
import { pin } from '../processes/pin.js';
import type { Authority } from '../rig/open-authority.js';
import type { Rig } from '../rig/open-rig.js';
import type { Contender } from './contender.js';

export interface WholeOptions {
  readonly name: string;
  readonly authority: Authority;
  readonly database: Pick<BenchmarkDatabase, 'url'>;
  readonly core: number;
  readonly accessTokens: readonly string[];
  /** The directory where a CPU profile is written when the proxy ends. */
  readonly profileDirectory?: string | undefined;
  /** Whether `inspectHeap` can measure the heap of the proxy. */
  readonly isInspected?: boolean;
}

export interface WholeProxy extends Contender {
  readonly logFile: string;
  /** Stops the proxy. Without this call, the proxy stops when the rig is closed. */
  readonly stop: () => Promise<void>;
}

/** Starts the resource proxy as a deployment does, with its log in a file. */
export async function startWhole(rig: Rig, options: WholeOptions): Promise<WholeProxy> {
  const { authority, profileDirectory, isInspected = false } = options;
  const nodeOptions = [
    ...(profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`]),
    ...(isInspected ? ['--inspect-port=0'] : []),
  ];
  const port = await freePort();
  const logFile = path.join(rig.directory, `resource-proxy-${port}.log`);
  const server = startServer({
    name: `resource proxy (${options.name})`,
    module: '@aipassport/resource-proxy/main',
    environment: {
      PORT: String(port),
      DATABASE_URL: options.database.url,
      ISSUER: authority.issuer,
      RESOURCE_PROXY_URL: authority.resource,
      PROXY_CLIENT_ID: defaultProxyClientId,
      PROXY_CLIENT_SECRET_FILE: authority.keyFiles.resourceProxy.clientSecret,
      SEALING_PRIVATE_KEY_FILE: authority.keyFiles.resourceProxy.sealingPrivateKey,
      OPENAI_BASE_URL: `http://127.0.0.1:${rig.upstreamPort}`,
      NODE_OPTIONS: nodeOptions.join(' '),
    },
    healthUrl: `http://127.0.0.1:${port}/health/ready`,
    logFile,
  });
  rig.closing.push(() => server.stop());
  rig.closing.push(() => reportErrors(options.name, logFile));
  await server.ready;
  if (server.pid !== undefined) pin(server.pid, options.core);
  return {
    name: options.name,
    target: { port, path: '/openai/v1/chat/completions', accessTokens: options.accessTokens },
    pid: server.pid,
    logFile,
    stop: () => server.stop(),
  };
}

const shownErrors = 3;

/** Shows the first errors in the log, because the log is deleted after the run. */
function reportErrors(name: string, logFile: string): void {
  const errors = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line));
  if (errors.length === 0) return;
  console.error(`${errors.length} errors of ${name}, the first of them:\n${errors.slice(0, shownErrors).join('\n')}`);
}

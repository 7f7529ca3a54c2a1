import { startWorker } from '../processes/start-worker.js';
import { providerKey, type Rig } from '../rig/open-rig.js';
import type { Contender } from './contender.js';
import type { ForwardingCommands } from './forwarding-server.js';

export interface ForwardingProxy extends Contender {
  readonly stop: () => Promise<void>;
}

/** @param profileDirectory the directory where the forwarding process writes a CPU profile when it ends */
export async function startForwarding(
  { places, upstreamPort, closing }: Rig,
  profileDirectory?: string,
): Promise<ForwardingProxy> {
  const worker = startWorker<ForwardingCommands>({
    module: new URL('forwarding-server.js', import.meta.url).href,
    core: places.proxy,
    // The launcher of the whole proxy sets this option too, so both processes run under the same conditions.
    nodeArguments: [
      '--enable-source-maps',
      ...(profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`]),
    ],
  });
  closing.push(worker.stop);
  const port = await worker.ask('listen', { upstreamUrl: `http://127.0.0.1:${upstreamPort}`, key: providerKey });
  return {
    name: 'forwarding only',
    target: { port, path: '/openai/v1/chat/completions', accessTokens: [''] },
    pid: worker.pid,
    stop: worker.stop,
  };
}

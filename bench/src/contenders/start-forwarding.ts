import { startWorker } from '../processes/start-worker.js';
import { providerKey, type Rig } from '../rig/open-rig.js';
import type { Contender } from './contender.js';
import type { ForwardingCommands } from './forwarding-server.js';

export async function startForwarding({ places, upstreamPort, closing }: Rig): Promise<Contender> {
  const module = new URL('forwarding-server.js', import.meta.url).href;
  // as the launcher starts the whole proxy
  const worker = startWorker<ForwardingCommands>({
    module,
    core: places.proxy,
    nodeArguments: ['--enable-source-maps'],
  });
  closing.push(worker.stop);
  const port = await worker.ask('listen', { upstreamUrl: `http://127.0.0.1:${upstreamPort}`, key: providerKey });
  return {
    name: 'forwarding only',
    target: { port, path: '/openai/v1/chat/completions', accessTokens: [''] },
    pid: worker.pid,
  };
}

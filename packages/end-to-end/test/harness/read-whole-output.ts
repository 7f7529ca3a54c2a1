import type { Deployment } from './deployment.js';
import { waitUntil } from './wait-until.js';

/**
 * All that the processes wrote, up to this moment at least: proxies write their log in pieces, now and then, and what
 * is looked for in it too early is not found although it will be there.
 */
export async function readWholeOutput({
  resourceProxies,
  output,
}: Pick<Deployment, 'resourceProxies' | 'output'>): Promise<string> {
  for (const proxy of resourceProxies) {
    const { headers } = await fetch(`${proxy.url}/v1/grant`);
    const id = headers.get('x-request-id') ?? '';
    // its line comes after those of all that was asked before
    await waitUntil(() => id !== '' && proxy.output().includes(id), 'the log is written');
  }
  return output();
}

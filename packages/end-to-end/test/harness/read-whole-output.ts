import type { Deployment } from './deployment.js';
import { waitUntil } from './wait-until.js';

/**
 * Reads the whole output of the processes, at least up to now. Proxies write their logs in batches, so a line may
 * appear later than its request: this function waits for such lines.
 */
export async function readWholeOutput({
  resourceProxies,
  output,
}: Pick<Deployment, 'resourceProxies' | 'output'>): Promise<string> {
  for (const proxy of resourceProxies) {
    const { headers } = await fetch(`${proxy.url}/v1/grant`);
    const id = headers.get('x-request-id') ?? '';
    // the line of this request follows the lines of all earlier requests
    await waitUntil(() => id !== '' && proxy.output().includes(id), 'the log is written');
  }
  return output();
}

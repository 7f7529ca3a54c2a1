import { Agent, buildConnector, fetch } from 'undici';

export type Fetch = typeof globalThis.fetch;

/**
 * Sends requests for any http URL to one port of this machine. So a test can choose the replica, although the request
 * has the public URL and Host header.
 */
export function createReplicaFetch(port: number): { readonly fetch: Fetch; readonly close: () => Promise<void> } {
  const connector = buildConnector({});
  const agent = new Agent({
    connect: (options, callback) => connector({ ...options, hostname: '127.0.0.1', port: String(port) }, callback),
    pipelining: 1,
  });
  const replicaFetch = (input: unknown, init?: object) => fetch(input as string, { ...init, dispatcher: agent });
  // undici's own fetch and the global one are the same code in two versions; their types differ in name only
  return { fetch: replicaFetch as unknown as Fetch, close: () => agent.destroy() };
}

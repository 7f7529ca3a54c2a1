import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './create-app.js';
import type { DemoAppConfig } from './environment.js';
import type { Log } from './log.js';
import { openRegistrationFile } from './oauth/client-registration.js';
import { OAuthClient } from './oauth/oauth-client.js';
import { readAssets } from './routes/serve-assets.js';
import { BrowserSessions } from './session/browser-sessions.js';

export interface RunningDemoApp {
  /** The URL at which browsers reach it. */
  readonly url: string;
  /** Stops listening and ends everything in flight, including answers that are being written. */
  close(): Promise<void>;
}

/** Starts listening. The authorization server may start later, because it is needed only when an owner connects. */
export async function startDemoApp(config: DemoAppConfig, { log }: { readonly log: Log }): Promise<RunningDemoApp> {
  const assets = await readAssets();
  const server = createServer();
  server.listen(config.port, config.host);
  await once(server, 'listening'); // rejects on 'error', such as a port that is taken

  const { port } = server.address() as AddressInfo; // a string only for sockets in the file system
  const url = config.demoAppUrl ?? `http://${formatHost(config.host)}:${port}`;
  const client = new OAuthClient({
    issuer: config.issuer,
    redirectUri: `${url}/callback`,
    registrationFile: openRegistrationFile(config.dataFile),
    log,
  });
  const { issuer, resourceProxyUrl } = config;
  const app = createApp({ client, issuer, resourceProxyUrl, log, url, sessions: new BrowserSessions(url), assets });
  const answer = app.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    url,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * IPv6 literals are in brackets (RFC 3986 section 3.2.2). For an IP address that means all addresses, the URL has the
 * loopback address.
 */
function formatHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

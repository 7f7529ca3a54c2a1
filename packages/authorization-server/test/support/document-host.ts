import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** A self-signed certificate for `localhost`, for these tests only. */
export const hostCertificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUL0ERC53Kni3dc2rbY/xeupNVRE4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIyMzMxNVoYDzIxMjYxMTA0
MjIzMzE1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATOcAgK2mvVVqNgoz/fAQmEesE37g3gEobsHVLbmYaUOMiEu1Rmhf2i
pamfzxTXakFUsyCi5SmK0FUqM6OEyUbQo28wbTAdBgNVHQ4EFgQUvWsTBvmramhL
ZerAcqa8cebqQP0wHwYDVR0jBBgwFoAUvWsTBvmramhLZerAcqa8cebqQP0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAOIMfSQ4FA9FvpAQh2PNZxJYqpBalADudSurud2rv1zcAiBd
MrreTbL0KGKoSywYsihSeaD+XPPoo9TIvwDtyw+DBQ==
-----END CERTIFICATE-----
`;
const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMOWnmWKkGm0/jp0U
tmxG1ssGQAcXfAiHfmLPMZ83hKahRANCAATOcAgK2mvVVqNgoz/fAQmEesE37g3g
EobsHVLbmYaUOMiEu1Rmhf2ipamfzxTXakFUsyCi5SmK0FUqM6OEyUbQ
-----END PRIVATE KEY-----
`;

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** The web server of a client's developer, at a loopback address, with https. */
export interface DocumentHost {
  /** `localhost:port` */
  readonly host: string;
  /** The paths that were fetched. */
  readonly fetched: readonly string[];
  /** Sets the answer at a path: a function that answers, or JSON, which is answered with the status 200. */
  readonly serve: (path: string, reply: unknown) => URL;
  readonly close: () => Promise<void>;
}

export async function openDocumentHost(): Promise<DocumentHost> {
  setDefaultCACertificates([...getCACertificates('default'), hostCertificate]);
  const replies = new Map<string, unknown>();
  const fetched: string[] = [];
  const server = createSecureServer({ cert: hostCertificate, key: certificateKey }, (request, response) => {
    const { url = '' } = request;
    fetched.push(url);
    const reply = replies.get(url);
    if (typeof reply === 'function') {
      (reply as Reply)(request, response);
      return;
    }
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    host,
    fetched,
    serve: (path, reply) => {
      replies.set(path, reply);
      return new URL(path, `https://${host}`);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server at a loopback port that counts its connections. */
export async function openCanary(): Promise<{ readonly port: number; connections: number; close: () => void }> {
  const server = createServer();
  const canary = { port: 0, connections: 0, close: () => void server.close() };
  server.on('connection', (socket) => {
    canary.connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(canary, { port: (server.address() as AddressInfo).port });
}

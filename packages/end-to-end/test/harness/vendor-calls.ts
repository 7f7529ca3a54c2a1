import { createHash } from 'node:crypto';
import { smallChat } from './chat.js';
import type { ClientApp } from './client-app.js';
import { type Connection, connect, createOwner } from './connect.js';
import type { Deployment } from './deployment.js';

/** The scope that `callVendor` needs. */
export const vendorScope = 'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';

const keyPrefixes = { openai: 'sk-proj-', anthropic: 'sk-ant-api03-', google: 'AIzaSy' } as const;
export type Vendor = keyof typeof keyPrefixes;

let keysMade = 0;

/** A unique provider key in the vendor's format. */
export function makeProviderKey(vendor: Vendor): string {
  const random = createHash('sha256').update(`key ${++keysMade}`).digest('base64url').replaceAll('-', '0');
  return keyPrefixes[vendor] + random;
}

/** An owner with a provider key for one vendor, and a client that may use it. */
export async function connectWithKey(
  deployment: Deployment,
  client: ClientApp,
  vendor: Vendor = 'openai',
): Promise<Connection & { readonly key: string }> {
  const owner = await createOwner(deployment);
  const key = makeProviderKey(vendor);
  await owner.addKey(vendor, key);
  return { ...(await connect(deployment, { owner, client, scope: vendorScope })), key };
}

/** One small question to a vendor's API, through the proxy at `url`. */
export function callVendor(url: string, vendor: Vendor, accessToken: string, text = 'Hi'): Promise<Response> {
  const messages = [{ role: 'user', content: text }];
  const calls = {
    openai: ['/openai/v1/chat/completions', { ...smallChat, messages }],
    anthropic: ['/anthropic/v1/messages', { model: 'claude-haiku-4-5', max_tokens: 5, messages }],
    google: ['/google/v1beta/models/gemini-2.5-flash:generateContent', { contents: [{ parts: [{ text }] }] }],
  } as const;
  const [path, body] = calls[vendor];
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The credential that the AI provider received, in any of the headers that it reads. */
export function readSentKey(headers: Readonly<Record<string, string>>): string | undefined {
  return headers['authorization']?.replace('Bearer ', '') ?? headers['x-api-key'] ?? headers['x-goog-api-key'];
}

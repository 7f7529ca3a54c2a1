import { randomUUID } from 'node:crypto';
import { AccessError, AiClient } from '@aipassport/client';
import express from 'express';
import OpenAI from 'openai';

const {
  ISSUER: issuer = 'http://localhost:4000',
  RESOURCE_PROXY_URL: resourceProxyUrl = 'http://localhost:4100',
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
  PORT: port = '3000',
} = process.env;
if (clientId === undefined) throw new Error('Set CLIENT_ID. examples/README.md shows how to register a client.');
const origin = `http://localhost:${port}`;
const client = new AiClient({ issuer, resourceProxyUrl, clientId, clientSecret, redirectUri: `${origin}/callback` });

/** In this example sessions are kept in memory. Tokens are for the server only: the browser gets the session's id. */
const sessions = new Map();

function openSession(request, response, next) {
  const known = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  // An unknown id is replaced: an attacker who set the cookie would know it, and could use the session later.
  const id = sessions.has(known) ? known : randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  request.session = sessions.get(id);
  response.cookie('session', id, { httpOnly: true, sameSite: 'lax' });
  next();
}

/** Returns the connection of this session, and keeps its new tokens in the session. */
function restore({ session }) {
  if (session.tokens === undefined) throw Object.assign(new Error('Connect your AI first.'), { status: 401 });
  return client.restore(session.tokens, { save: (tokens) => Object.assign(session, { tokens }) });
}

function leave(request, response, { url, pending }) {
  request.session.pending = pending;
  response.redirect(303, url.href);
}

const app = express();
app.use(openSession, express.urlencoded());

app.get('/', ({ session }, response) => {
  response.send(
    session.tokens === undefined
      ? '<form method="post" action="/connect"><button>Connect your AI</button></form>'
      : '<form method="post" action="/chat"><input name="question" aria-label="Question"><button>Ask</button></form>',
  );
});

app.post('/connect', async (request, response) => {
  const limits = { maxRequests: 2, maxCostUsd: '1.00' };
  leave(request, response, await client.begin({ scope: 'model:gpt-4o-mini cap:chat', limits }));
});

app.get('/callback', async (request, response) => {
  const { session } = request;
  if (session.pending === undefined) return response.redirect(303, '/');
  const callback = new URL(request.originalUrl, origin);
  await client.finish(callback, session.pending, { save: (tokens) => Object.assign(session, { tokens }) });
  delete session.pending;
  response.redirect(303, '/');
});

app.post('/chat', async (request, response) => {
  const connection = restore(request);
  const openai = new OpenAI({ baseURL: `${resourceProxyUrl}/openai/v1`, apiKey: 'unused', fetch: connection.fetch });
  try {
    const messages = [{ role: 'user', content: request.body.question }];
    const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
    response.type('text/plain');
    for await (const chunk of stream) response.write(chunk.choices[0]?.delta.content ?? '');
    response.end();
  } catch (error) {
    throw (await connection.explain(error)) ?? error;
  }
});

app.post('/raise', async (request, response) => {
  const { grantId } = restore(request).tokens;
  const start = await client.beginRaise(grantId, { limits: { maxRequests: 10 } });
  if (start === undefined) response.redirect(303, `${issuer}/account/apps`);
  else leave(request, response, start);
});

app.post('/disconnect', async (request, response) => {
  await restore(request).revoke();
  delete request.session.tokens;
  response.redirect(303, '/');
});

const statuses = { limit_reached: 402, scope_missing: 403, access_denied: 403, unknown_callback: 400 };

app.use((error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const { code, message, pageUrl } = error;
  if (error instanceof AccessError) response.status(statuses[code] ?? 401).json({ code, message, pageUrl });
  else response.status(error.status ?? 500).json({ message: error.status === undefined ? 'It failed.' : message });
});

app.listen(Number(port), '127.0.0.1', () => console.log(`${origin}/`));

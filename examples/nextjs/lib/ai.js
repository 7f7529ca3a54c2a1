import { AccessError, AiClient } from '@aipassport/client';
import { openSession } from './session.js';

export const {
  ISSUER: issuer = 'http://localhost:4000',
  RESOURCE_PROXY_URL: resourceProxyUrl = 'http://localhost:4100',
  ORIGIN: origin = 'http://localhost:3000',
} = process.env;

export const client = new AiClient({
  issuer,
  resourceProxyUrl,
  clientId: process.env.CLIENT_ID,
  clientSecret: process.env.CLIENT_SECRET,
  redirectUri: `${origin}/ai/callback`,
});

/** Turns a function that takes the session into a route handler. Refusals become JSON answers. */
export function handle(answer) {
  return async (request) => {
    const session = openSession(request);
    const response = await answer(request, session.values).catch(answerError);
    response.headers.append('set-cookie', session.cookie);
    return response;
  };
}

/** Returns the connection of this session, and keeps its new tokens in the session. */
export function restore(session) {
  if (session.tokens === undefined) throw new NotConnectedError();
  return client.restore(session.tokens, { save: saveIn(session) });
}

export const saveIn = (session) => (tokens) => {
  session.tokens = tokens;
};

export const redirect = (location) => new Response(null, { status: 303, headers: { location: String(location) } });

class NotConnectedError extends Error {}

const statuses = { limit_reached: 402, scope_missing: 403, access_denied: 403, unknown_callback: 400 };

function answerError(error) {
  if (error instanceof NotConnectedError) return Response.json({ message: 'Connect your AI first.' }, { status: 401 });
  if (!(error instanceof AccessError)) throw error;
  const { code, message, pageUrl } = error;
  return Response.json({ code, message, pageUrl }, { status: statuses[code] ?? 401 });
}

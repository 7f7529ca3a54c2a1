/**
 * In this example sessions are kept in memory, in a place that all routes share. Use your own store. Tokens are for the
 * server only: the browser gets the session's id.
 */
globalThis.aiSessions ??= new Map();
const sessions = globalThis.aiSessions;

const readId = (headers) => /(?:^|; )ai-session=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1];

export function openSession(request) {
  const known = readId(request.headers);
  const id = sessions.has(known) ? known : crypto.randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  return { values: sessions.get(id), cookie: `ai-session=${id}; Path=/; HttpOnly; SameSite=Lax` };
}

/** Whether a page's session is connected. A page cannot set a cookie, so this function opens no session. */
export const isConnected = (headers) => sessions.get(readId(headers))?.tokens !== undefined;

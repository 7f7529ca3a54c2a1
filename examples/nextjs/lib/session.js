/**
 * In this example sessions are kept in memory, in a place that all routes share. Use your own store. Tokens are for the
 * server only: the browser gets the session's id.
 */
globalThis.aiSessions ??= new Map();
const sessions = globalThis.aiSessions;

export function openSession(request) {
  const known = /(?:^|; )ai-session=([\w-]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  const id = sessions.has(known) ? known : crypto.randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  return { values: sessions.get(id), cookie: `ai-session=${id}; Path=/; HttpOnly; SameSite=Lax` };
}

import { client, handle, origin, redirect, saveIn } from '../../../lib/ai.js';

export const GET = handle(async (request, session) => {
  if (session.pending === undefined) return redirect(`${origin}/`);
  // Next.js may give another host name than the one in the address bar.
  const callback = new URL(new URL(request.url).search, `${origin}/ai/callback`);
  await client.finish(callback, session.pending, { save: saveIn(session) });
  delete session.pending;
  return redirect(`${origin}/`);
});

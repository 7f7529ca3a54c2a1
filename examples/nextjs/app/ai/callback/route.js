import { client, handle, origin, redirect, saveIn } from '../../../lib/ai.js';

export const GET = handle(async (request, session) => {
  if (session.pending === undefined) return redirect(`${origin}/`);
  // The host name in Next.js's `request.url` may differ from the one in the browser's address bar.
  const callback = new URL(new URL(request.url).search, `${origin}/ai/callback`);
  await client.finish(callback, session.pending, { save: saveIn(session) });
  delete session.pending;
  return redirect(`${origin}/`);
});

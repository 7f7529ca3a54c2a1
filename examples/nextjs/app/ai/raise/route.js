import { client, handle, issuer, redirect, restore } from '../../../lib/ai.js';

export const POST = handle(async (_request, session) => {
  const { grantId } = restore(session).tokens;
  const start = await client.beginRaise(grantId, { limits: { maxRequests: 10 } });
  if (start === undefined) return redirect(`${issuer}/account/apps`);
  session.pending = start.pending;
  return redirect(start.url);
});

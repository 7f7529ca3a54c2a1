import { handle, origin, redirect, restore } from '../../../lib/ai.js';

export const POST = handle(async (_request, session) => {
  await restore(session).revoke();
  delete session.tokens;
  return redirect(`${origin}/`);
});

import { client, handle, redirect } from '../../../lib/ai.js';

export const POST = handle(async (_request, session) => {
  const limits = { maxRequests: 2, maxCostUsd: '1.00' };
  const { url, pending } = await client.begin({ scope: 'model:gpt-4o-mini cap:chat', limits });
  session.pending = pending;
  return redirect(url);
});

import type { EndedAccess } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { type Message, message } from '../texts/texts.js';
import { queryText } from './sign-in.js';

/** The query of a page that says what an owner has just ended. */
export function formatEndedAccess(
  done: 'removed' | 'removed-all',
  { clients, grants, tokens, requests }: EndedAccess,
): string {
  const counts = {
    apps: String(clients),
    accesses: String(grants),
    tokens: String(tokens),
    answers: String(requests),
  };
  return `?${new URLSearchParams({ done, ...counts })}`;
}

/** The sentence for what an owner has just done; undefined when the page was reached in another way. */
export function readAccessNotice(ctx: Context): Message | undefined {
  const [apps, accesses] = [readTypedCount(ctx, 'apps'), readTypedCount(ctx, 'accesses')];
  const [tokens, answers] = [readTypedCount(ctx, 'tokens'), readTypedCount(ctx, 'answers')];
  switch (queryText(ctx, 'done')) {
    case 'removed':
      return accesses === 0
        ? message('connected.noneLeft')
        : message('connected.removed', { accesses, tokens, answers });
    case 'removed-all':
      return apps === 0 ? message('connected.noneLeftAll') : message('connected.removedAll', { apps, tokens, answers });
    case 'revoked':
      return message('connected.revoked');
    case 'limits':
      return message('apps.limitsSaved');
    default:
      return undefined;
  }
}

/** @returns 0 when the URL contains no such number, because people can write anything in a URL */
function readTypedCount(ctx: Context, name: string): number {
  const text = queryText(ctx, name);
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

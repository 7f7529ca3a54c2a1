import type { LimitLine } from '../../browser/chat-event.js';
import type { Grant } from './get-grant.js';

/** What is left of a grant, a line each, for the page. */
export function describeLimits(grant: Grant, now: Date): readonly LimitLine[] {
  return [
    { name: 'requests', label: 'Requests left', value: describeRequests(grant) },
    {
      name: 'rate',
      label: 'Per minute',
      value: grant.maxRequestsPerMinute === undefined ? 'no limit' : `up to ${grant.maxRequestsPerMinute}`,
    },
    { name: 'until', label: 'Access ends', value: describeTimeLeft(grant.expiresAt, now) },
  ];
}

function describeRequests({ maxRequests, usedRequests }: Grant): string {
  if (maxRequests === undefined) return `no limit (${usedRequests} used)`;
  return `${Math.max(0, maxRequests - usedRequests)} of ${maxRequests}`;
}

/** A span and not a date: the server does not know the reader's time zone. */
function describeTimeLeft(end: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((end.getTime() - now.getTime()) / 60_000));
  if (minutes < 1) return 'in less than a minute';
  if (minutes < 90) return `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${hours} hours` : `in ${Math.round(hours / 24)} days`;
}

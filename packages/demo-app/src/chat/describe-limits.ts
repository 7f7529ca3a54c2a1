import type { LimitLine } from '../../browser/chat-event.js';
import { formatUsd } from './format-usd.js';
import type { Grant } from './get-grant.js';

/** Describes in four lines what a grant still allows: requests, money, speed and time. */
export function describeLimits(grant: Grant, now: Date): readonly LimitLine[] {
  return [
    { name: 'requests', label: 'Requests left', value: describeRequests(grant) },
    { name: 'money', label: 'Left to spend', value: describeMoney(grant) },
    { name: 'pace', label: 'Speed limit', value: describePace(grant) },
    { name: 'until', label: 'Access ends', value: describeTimeLeft(grant.expiresAt, now) },
  ];
}

function describeRequests({ maxRequests, usedRequests }: Grant): string {
  if (maxRequests === undefined) return `no limit (${usedRequests} used)`;
  return `${Math.max(0, maxRequests - usedRequests)} of ${maxRequests}`;
}

/** The proxy sends the limits of a day and of a month, but not the money that remains of them. */
function describeMoney({ maxCost, maxCostPerDay, maxCostPerMonth, spent, reserved }: Grant): string {
  return [
    maxCost === undefined ? `no total limit (${formatUsd(spent)} used)` : describeMoneyLeft(maxCost, spent + reserved),
    reserved > 0n && `${formatUsd(reserved)} reserved`,
    maxCostPerDay !== undefined && `at most ${formatUsd(maxCostPerDay)} a day`,
    maxCostPerMonth !== undefined && `at most ${formatUsd(maxCostPerMonth)} a month`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

/** The owner may have lowered a limit below the amount that was already spent. */
function describeMoneyLeft(max: bigint, gone: bigint): string {
  return `${formatUsd(gone < max ? max - gone : 0n)} of ${formatUsd(max)}`;
}

function describePace({ maxRequestsPerMinute, maxTokensPerMinute, maxStreams }: Grant): string {
  const parts = [
    maxRequestsPerMinute !== undefined && `${count(maxRequestsPerMinute, 'request')} a minute`,
    maxTokensPerMinute !== undefined && `${count(maxTokensPerMinute, 'token')} a minute`,
    maxStreams !== undefined && `${count(maxStreams, 'answer')} at a time`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'no limit' : `up to ${parts.join(', ')}`;
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en-US')} ${word}${number === 1 ? '' : 's'}`;
}

/** Shows a span instead of a date, because the server does not know the reader's time zone. */
function describeTimeLeft(end: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((end.getTime() - now.getTime()) / 60_000));
  if (minutes < 1) return 'in less than a minute';
  if (minutes < 90) return `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${hours} hours` : `in ${Math.round(hours / 24)} days`;
}

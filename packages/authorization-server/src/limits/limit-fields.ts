import { type LimitKind, limitKinds } from '@aipassport/policy';

/** A limit as forms name it and pages show it. */
export interface LimitField {
  /** As in `authorization_details`. */
  readonly name: string;
  readonly label: string;
  readonly unit: 'usd' | 'count';
  /** What follows the value in a sentence. */
  readonly per: string;
  /** Shown at once; the others on demand. */
  readonly isMain: boolean;
  /** What the name does not say. */
  readonly note?: string;
}

export const limitFields: Readonly<Record<LimitKind, LimitField>> = {
  maxCost: { name: 'max_cost_usd', label: 'Money in all', unit: 'usd', per: 'in all', isMain: true },
  maxRequests: { name: 'max_requests', label: 'Requests in all', unit: 'count', per: 'requests', isMain: true },
  maxCostPerMonth: {
    name: 'max_cost_usd_per_month',
    label: 'Money per month',
    unit: 'usd',
    per: 'a month',
    isMain: false,
  },
  maxCostPerDay: { name: 'max_cost_usd_per_day', label: 'Money per day', unit: 'usd', per: 'a day', isMain: false },
  maxRequestsPerMinute: {
    name: 'max_requests_per_minute',
    label: 'Requests per minute',
    unit: 'count',
    per: 'requests a minute',
    isMain: false,
  },
  maxTokensPerMinute: {
    name: 'max_tokens_per_minute',
    label: 'Tokens per minute',
    unit: 'count',
    per: 'tokens a minute',
    isMain: false,
    note: 'After a pause, the first minute may bring up to twice as many.',
  },
  maxStreams: {
    name: 'max_streams',
    label: 'Streamed answers at a time',
    unit: 'count',
    per: 'streamed answers at a time',
    isMain: false,
  },
};

/** In the order of the pages: what matters most to people first. */
export const shownLimits = Object.keys(limitFields) as readonly LimitKind[];

/** The limit that a form's field is about. */
export function findLimitOfField(name: string): LimitKind | undefined {
  return limitKinds.find((kind) => limitFields[kind].name === name);
}

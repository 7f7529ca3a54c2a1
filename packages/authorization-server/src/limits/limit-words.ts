import type { CountedKind, LimitKind, UsdKind } from '@aipassport/policy';
import type { FixedId, MessageId } from '../texts/texts.js';

/** The texts of one kind of limit. */
interface LimitWords<Kind extends LimitKind> {
  /** The name of its field. */
  readonly label: FixedId;
  /** Its value in a sentence: `60 requests a minute`. */
  readonly value: LimitValueId;
  /** What an owner needs to know besides the label. */
  readonly note: FixedId | undefined;
  /** The words for its usage. */
  readonly used: Kind extends CountedKind ? UsedWords : undefined;
  /** How much money is left of it. */
  readonly left: Kind extends UsdKind ? LeftId : undefined;
}

interface UsedWords {
  readonly title: FixedId;
  readonly bar: FixedId;
  /** The usage beside the limit: `12 of 100 requests`. */
  readonly of: Extract<MessageId, `existing.${'spent' | 'requests'}Of${string}`>;
}

type LeftId = Extract<MessageId, `overview.left${string}`>;
type LimitValueId = Extract<MessageId, `limits.${string}Value`>;

export const limitWords: { readonly [Kind in LimitKind]: LimitWords<Kind> } = {
  maxCost: {
    label: 'limits.maxCost',
    value: 'limits.maxCostValue',
    note: undefined,
    used: { title: 'limits.costUsed', bar: 'limits.costBar', of: 'existing.spentOf' },
    left: 'overview.leftInAll',
  },
  maxRequests: {
    label: 'limits.maxRequests',
    value: 'limits.maxRequestsValue',
    note: undefined,
    used: { title: 'limits.requestsUsed', bar: 'limits.requestsBar', of: 'existing.requestsOf' },
    left: undefined,
  },
  maxCostPerMonth: {
    label: 'limits.maxCostPerMonth',
    value: 'limits.maxCostPerMonthValue',
    note: undefined,
    used: { title: 'limits.monthUsed', bar: 'limits.monthBar', of: 'existing.spentOfMonth' },
    left: 'overview.leftThisMonth',
  },
  maxCostPerDay: {
    label: 'limits.maxCostPerDay',
    value: 'limits.maxCostPerDayValue',
    note: undefined,
    used: { title: 'limits.dayUsed', bar: 'limits.dayBar', of: 'existing.spentOfDay' },
    left: 'overview.leftToday',
  },
  maxRequestsPerMinute: {
    label: 'limits.maxRequestsPerMinute',
    value: 'limits.maxRequestsPerMinuteValue',
    note: undefined,
    used: undefined,
    left: undefined,
  },
  maxTokensPerMinute: {
    label: 'limits.maxTokensPerMinute',
    value: 'limits.maxTokensPerMinuteValue',
    note: 'limits.maxTokensPerMinuteNote',
    used: undefined,
    left: undefined,
  },
  maxStreams: {
    label: 'limits.maxStreams',
    value: 'limits.maxStreamsValue',
    note: undefined,
    used: undefined,
    left: undefined,
  },
};

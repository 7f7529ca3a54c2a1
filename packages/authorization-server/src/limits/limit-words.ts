import type { LimitKind } from '@aipassport/policy';
import type { FixedId, MessageId } from '../texts/texts.js';

/** The texts of one kind of limit. */
interface LimitWords {
  /** The name of its field. */
  readonly label: FixedId;
  /** Its value in a sentence: `60 requests a minute`. */
  readonly value: LimitValueId;
  /** What an owner needs to know besides the label. */
  readonly note: FixedId | undefined;
  /** The words for its usage; undefined when pages do not show the usage of this kind. */
  readonly used: { readonly title: FixedId; readonly bar: FixedId } | undefined;
}

type LimitValueId = Extract<MessageId, `limits.${string}Value`>;

export const limitWords: Readonly<Record<LimitKind, LimitWords>> = {
  maxCost: {
    label: 'limits.maxCost',
    value: 'limits.maxCostValue',
    note: undefined,
    used: { title: 'limits.costUsed', bar: 'limits.costBar' },
  },
  maxRequests: {
    label: 'limits.maxRequests',
    value: 'limits.maxRequestsValue',
    note: undefined,
    used: { title: 'limits.requestsUsed', bar: 'limits.requestsBar' },
  },
  maxCostPerMonth: {
    label: 'limits.maxCostPerMonth',
    value: 'limits.maxCostPerMonthValue',
    note: undefined,
    used: { title: 'limits.monthUsed', bar: 'limits.monthBar' },
  },
  maxCostPerDay: {
    label: 'limits.maxCostPerDay',
    value: 'limits.maxCostPerDayValue',
    note: undefined,
    used: { title: 'limits.dayUsed', bar: 'limits.dayBar' },
  },
  maxRequestsPerMinute: {
    label: 'limits.maxRequestsPerMinute',
    value: 'limits.maxRequestsPerMinuteValue',
    note: undefined,
    used: undefined,
  },
  maxTokensPerMinute: {
    label: 'limits.maxTokensPerMinute',
    value: 'limits.maxTokensPerMinuteValue',
    note: 'limits.maxTokensPerMinuteNote',
    used: undefined,
  },
  maxStreams: {
    label: 'limits.maxStreams',
    value: 'limits.maxStreamsValue',
    note: undefined,
    used: undefined,
  },
};

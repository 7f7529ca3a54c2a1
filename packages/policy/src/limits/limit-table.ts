import type { AuthorizationServerComponents } from '@aipassport/contracts';
import { maxNanoUsd } from '../money/nano-usd.js';

/** The limits that a client can propose, by their names in `openapi/authorization-server.yaml`. */
export type LimitMember = Extract<keyof AuthorizationServerComponents['schemas']['AiAccessRequest'], `max_${string}`>;

/**
 * The remainders that the database function `admit_requests` returns. All spending limits share one remainder, the
 * smallest.
 */
export type RemainderKind = 'requests' | 'cost' | 'rate' | 'tokens';

/** The counters of a grant. `day` and `month` count the money of the present day and month in the owner's calendar. */
export type UsageCounter = 'requests' | 'cost' | 'day' | 'month';

/** All facts about one kind of limit. */
interface LimitRow<M extends LimitMember> {
  /** Its name in `authorization_details`, in claims, in the grant API and in forms. */
  readonly member: M;
  /** The column of the table `grants`. */
  readonly column: WithoutUsd<M>;
  /** Whether a form shows the field at once. A form shows the other fields on demand. */
  readonly isMain: boolean;
  /** The counter of what a grant has used of this limit. undefined: there is none, so pages show only the limit. */
  readonly usage: UsageCounter | undefined;
  /**
   * Whether the limit is one for the whole lifetime of a grant. A grant that has used it up cannot be used again until
   * its owner raises the limit.
   */
  readonly isForLifetime: boolean;
  /** The remainder that the headers of an answer show. undefined: they show none. */
  readonly remainder: RemainderKind | undefined;
  /** The verdict of the database function `admit_requests` for a request over this limit. */
  readonly denial: string;
}
interface CountRow<M extends LimitMember> extends LimitRow<M> {
  readonly unit: 'count';
  /** The most that can be proposed or chosen. */
  readonly max: number;
}
interface UsdRow<M extends LimitMember> extends LimitRow<M> {
  readonly unit: 'usd';
  /** In nano-US-dollars. */
  readonly max: bigint;
}

type WithoutUsd<M extends string> = M extends `${infer Start}_usd${infer End}` ? `${Start}${End}` : M;
type CamelCase<S extends string> = S extends `${infer Start}_${infer End}`
  ? `${Start}${Capitalize<CamelCase<End>>}`
  : S;
type LimitRows = {
  readonly [M in LimitMember as CamelCase<WithoutUsd<M>>]: CountRow<M> | UsdRow<M>;
};

/**
 * All limits that a grant can have, in the order of the pages. The code does not compile if a limit of the OpenAPI
 * document has no row here, or if a row is incomplete. Add new rows at the end, because the consent form's
 * `request_hash` depends on the order and replicas of two releases must compute the same hash.
 */
export const limitTable = {
  maxCost: {
    unit: 'usd',
    max: maxNanoUsd,
    member: 'max_cost_usd',
    column: 'max_cost',
    isMain: true,
    usage: 'cost',
    isForLifetime: true,
    remainder: 'cost',
    denial: 'budget_exhausted',
  },
  maxRequests: {
    unit: 'count',
    max: 1_000_000_000,
    member: 'max_requests',
    column: 'max_requests',
    isMain: true,
    usage: 'requests',
    isForLifetime: true,
    remainder: 'requests',
    denial: 'request_limit_reached',
  },
  maxCostPerMonth: {
    unit: 'usd',
    max: maxNanoUsd,
    member: 'max_cost_usd_per_month',
    column: 'max_cost_per_month',
    isMain: false,
    usage: 'month',
    isForLifetime: false,
    remainder: 'cost',
    denial: 'month_budget_exhausted',
  },
  maxCostPerDay: {
    unit: 'usd',
    max: maxNanoUsd,
    member: 'max_cost_usd_per_day',
    column: 'max_cost_per_day',
    isMain: false,
    usage: 'day',
    isForLifetime: false,
    remainder: 'cost',
    denial: 'day_budget_exhausted',
  },
  maxRequestsPerMinute: {
    unit: 'count',
    max: 100_000,
    member: 'max_requests_per_minute',
    column: 'max_requests_per_minute',
    isMain: false,
    usage: undefined,
    isForLifetime: false,
    remainder: 'rate',
    denial: 'rate_limited',
  },
  /** Limits the sum of input and output tokens. The allowance refills continuously, as in a token bucket. */
  maxTokensPerMinute: {
    unit: 'count',
    max: 1_000_000_000,
    member: 'max_tokens_per_minute',
    column: 'max_tokens_per_minute',
    isMain: false,
    usage: undefined,
    isForLifetime: false,
    remainder: 'tokens',
    denial: 'token_rate_limited',
  },
  maxStreams: {
    unit: 'count',
    max: 1_000,
    member: 'max_streams',
    column: 'max_streams',
    isMain: false,
    usage: undefined,
    isForLifetime: false,
    remainder: undefined,
    denial: 'too_many_streams',
  },
} as const satisfies LimitRows;

export type LimitKind = keyof typeof limitTable;
/** The kinds of limits that are counts. */
export type CountKind = KindOf<'count'>;
/** The kinds of limits that are amounts of money. */
export type UsdKind = KindOf<'usd'>;
type KindOf<Unit extends CountRow<LimitMember>['unit'] | UsdRow<LimitMember>['unit']> = KindWith<{ unit: Unit }>;
/** The counters of money. */
export type UsdCounter = (typeof limitTable)[UsdKind]['usage'];
/**
 * The kinds of limits with a counter of what a grant has used. The other kinds limit a rate, or the number of streams
 * at the same time.
 */
export type CountedKind = KindWith<{ usage: UsageCounter }>;
/** The kinds of limits for the whole lifetime of a grant. They stay used up until the owner raises them. */
export type LifetimeKind = KindWith<{ isForLifetime: true }>;
type KindWith<Facts> = { [K in LimitKind]: (typeof limitTable)[K] extends Facts ? K : never }[LimitKind];

/** Why a request over a limit is refused. */
export type LimitDenial = (typeof limitTable)[LimitKind]['denial'];
/**
 * Refusals because of a limit on a rate or on the number of streams: the same request may be admitted a little later.
 */
export type PassingDenial = (typeof limitTable)[Exclude<LimitKind, CountedKind>]['denial'];

/** Refusals because of a limit on an amount of money or a number of requests: an immediate retry does not help. */
export type LastingDenial = Exclude<LimitDenial, PassingDenial>;

/** In the order of the pages: the most important limits first. */
export const limitKinds = Object.keys(limitTable) as readonly LimitKind[]; // a constant object has no other keys

export const usdKinds = limitKinds.filter(isUsdKind);
export const countedKinds = limitKinds.filter((kind): kind is CountedKind => limitTable[kind].usage !== undefined);
export const lifetimeKinds = limitKinds.filter((kind): kind is LifetimeKind => limitTable[kind].isForLifetime);

/** The limit because of which a request is refused. */
export const limitOfDenial = Object.fromEntries(limitKinds.map((kind) => [limitTable[kind].denial, kind])) as Readonly<
  Record<LimitDenial, LimitKind>
>; // `fromEntries` loses the type of the keys

export function isUsdKind(kind: LimitKind): kind is UsdKind {
  return limitTable[kind].unit === 'usd';
}

/** Finds the limit that a member of `authorization_details`, or a field of a form, sets. */
export function findLimitOfMember(member: string): LimitKind | undefined {
  return limitKinds.find((kind) => limitTable[kind].member === member);
}

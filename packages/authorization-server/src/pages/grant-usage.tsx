import { formatUsd, type LimitKind, type Limits, limitKinds, limitTable, type UsageCounter } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { formatLimit } from '../limits/describe-limit.js';
import { findWindowCosts } from '../limits/window-cost.js';
import type { GrantView } from './grant-parts.js';

/** Each limit with its usage. The main counters are shown without a limit too. */
export function GrantUsage({ grant: { limits, usage }, timeZone, now }: GrantView) {
  const used = countUse(usage, timeZone, now);
  const shown = limitKinds.filter((kind) => limitTable[kind].isMain || limits[kind] !== undefined);
  const rates = describeRates(shown, limits);
  return (
    <>
      {shown.map((kind) => (
        <CountedLimit key={kind} kind={kind} limit={limits[kind]} used={used} reserved={usage.reserved} />
      ))}
      {rates !== '' && (
        <>
          <dt>At most</dt>
          <dd>{rates}</dd>
        </>
      )}
    </>
  );
}

/** The usage of each counter. Money includes the reservations of requests under way. */
function countUse(usage: Grant['usage'], timeZone: string, now: Date): Readonly<Record<UsageCounter, number | bigint>> {
  const { today, thisMonth } = findWindowCosts(usage, timeZone, now);
  return { requests: usage.requests, cost: usage.spent + usage.reserved, day: today, month: thisMonth };
}

interface CountedLimitProps {
  readonly kind: LimitKind;
  readonly limit: number | bigint | undefined;
  readonly used: Readonly<Record<UsageCounter, number | bigint>>;
  /** Reserved money, in nano-US-dollars. */
  readonly reserved: bigint;
}

function CountedLimit({ kind, limit, used, reserved }: CountedLimitProps) {
  const { usage } = limitTable[kind];
  if (usage === undefined) return null;
  return (
    <>
      <dt>{usage.title}</dt>
      <dd>
        <UsageOfLimit used={used[usage.counter]} limit={limit} label={usage.barLabel} />
        {usage.counter === 'cost' && reserved > 0n && (
          <small>{formatUsd(reserved)} of it is reserved for requests under way.</small>
        )}
      </dd>
    </>
  );
}

interface UsageOfLimitProps {
  /** A count, or nano-US-dollars. `limit` has the same unit. */
  readonly used: number | bigint;
  readonly limit: number | bigint | undefined;
  readonly label: string;
}

/** `$0.30 of $2.00 used`, with a bar. */
export function UsageOfLimit({ used, limit, label }: UsageOfLimitProps) {
  if (limit === undefined) return <>{formatLimit(used)} used, no limit</>;
  return (
    <>
      {formatLimit(used)} of {formatLimit(limit)} used
      <Bar used={BigInt(used)} limit={BigInt(limit)} label={label} />
    </>
  );
}

interface BarProps {
  readonly used: bigint;
  readonly limit: bigint;
  readonly label: string;
}

function Bar({ used, limit, label }: BarProps) {
  // Owners may have set a limit below the usage at that time.
  const percent = used >= limit ? 100 : Number((used * 100n) / limit);
  return <progress value={percent} max={100} aria-label={label} class={percent >= 99 ? 'full' : undefined} />;
}

/** The limits whose usage is not counted over time: `60 requests a minute, 2 streamed answers at a time`. */
function describeRates(kinds: readonly LimitKind[], limits: Limits): string {
  return kinds
    .flatMap((kind) => {
      const { usage, per } = limitTable[kind];
      const limit = limits[kind];
      return usage === undefined && limit !== undefined ? `${formatLimit(limit)} ${per}` : [];
    })
    .join(', ');
}

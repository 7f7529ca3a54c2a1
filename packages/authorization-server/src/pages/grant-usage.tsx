import { type LimitKind, type Limits, limitKinds, limitTable } from '@aipassport/policy';
import { type CountedUse, countFinished } from '../limits/count-use.js';
import { limitWords } from '../limits/limit-words.js';
import { countOpenRequests } from '../limits/open-requests.js';
import { exactly, partOf, type Texts } from '../texts/texts.js';
import type { GrantView } from './grant-parts.js';
import { useTexts } from './text.js';

/** Each limit with its usage. The usage of a main limit is shown even if the grant does not have this limit. */
export function GrantUsage(view: GrantView) {
  const { limits, usage } = view.grant;
  const used = countFinished(view.grant, view);
  const openRequests = countOpenRequests(view.grant, view.open);
  const shown = limitKinds.filter((kind) => limitTable[kind].isMain || limits[kind] !== undefined);
  const texts = useTexts();
  const rates = describeRates(shown, limits, texts);
  return (
    <>
      {shown.map((kind) => (
        <CountedLimit
          key={kind}
          kind={kind}
          limit={limits[kind]}
          used={used}
          reserved={usage.reserved}
          openRequests={openRequests}
        />
      ))}
      {rates !== '' && (
        <>
          <dt>{texts('limits.rates')}</dt>
          <dd>{rates}</dd>
        </>
      )}
    </>
  );
}

interface CountedLimitProps {
  readonly kind: LimitKind;
  readonly limit: number | bigint | undefined;
  readonly used: CountedUse;
  /** Reserved money, in nano-US-dollars. */
  readonly reserved: bigint;
  readonly openRequests: number;
}

function CountedLimit({ kind, limit, used, reserved, openRequests }: CountedLimitProps) {
  const texts = useTexts();
  const { usage } = limitTable[kind];
  const words = limitWords[kind].used;
  if (usage === undefined || words === undefined) return null;
  return (
    <>
      <dt>{texts(words.title)}</dt>
      <dd>
        <UsageOfLimit used={used[usage]} limit={limit} label={texts(words.bar)} />
        {usage === 'cost' && reserved > 0n && <small>{texts('limits.reserved', { amount: reserved })}</small>}
        {usage === 'requests' && openRequests > 0 && (
          <small>{texts('limits.inProgress', { count: openRequests })}</small>
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
  /** The text beside a limit. */
  readonly sentence?: 'limits.usedOf' | 'settings.limitUse';
}

/** Shows a text such as `$0.30 of $2.00 used`, and a bar. If there is no limit, it shows only the usage. */
export function UsageOfLimit({ used, limit, label, sentence = 'limits.usedOf' }: UsageOfLimitProps) {
  const texts = useTexts();
  if (limit === undefined)
    return <>{texts('limits.used', { used: typeof used === 'bigint' ? used : texts.count(used) })}</>;
  return (
    <>
      {texts(sentence, { used: partOf(limit, used), limit: exactly(limit) })}
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
  // The usage may be above the limit, because owners may lower a limit below the usage.
  const percent = used >= limit ? 100 : Number((used * 100n) / limit);
  return <progress value={percent} max={100} aria-label={label} class={percent >= 99 ? 'full' : undefined} />;
}

/** Lists the limits that have no usage counter: `60 requests a minute, 2 answers at once`. */
function describeRates(kinds: readonly LimitKind[], limits: Limits, texts: Texts): string {
  return kinds
    .flatMap((kind) => {
      const limit = limits[kind];
      const isCounted = limitTable[kind].usage !== undefined;
      return isCounted || limit === undefined ? [] : texts(limitWords[kind].value, { limit: exactly(limit) });
    })
    .join(', ');
}

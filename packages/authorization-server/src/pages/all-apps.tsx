import { dayOf, endOfMonth, oneUsd } from '@aipassport/policy';
import type { AccountLimit } from '@aipassport/store/authorization';
import { isUsedUp } from '../limits/is-exhausted.js';
import { exactly, type Texts } from '../texts/texts.js';
import { Text, useTexts } from './text.js';

/** Shows the limit on the spending of all apps together and the amount that is left, or nothing if no limit is set. */
export function AllAppsLeft({ accountLimit }: { readonly accountLimit: AccountLimit | undefined }) {
  const texts = useTexts();
  return accountLimit === undefined ? null : <p class="aside">{describeAllApps(accountLimit, texts)}</p>;
}

interface AllAppsReachedProps {
  readonly accountLimit: AccountLimit | undefined;
  /** The page that raises the limit. */
  readonly changePath: string;
  readonly timeZone: string;
  readonly now: Date;
}

/** Says why apps stop when the limit on the spending of all apps together is used up. */
export function AllAppsReached({ accountLimit, changePath, timeZone, now }: AllAppsReachedProps) {
  const texts = useTexts();
  const until = endOfMonth(dayOf(now, timeZone), timeZone);
  if (accountLimit === undefined) return null;
  const { maxCostPerMonth, monthCost, reserved } = accountLimit;
  if (!isUsedUp('maxCostPerMonth', maxCostPerMonth, monthCost - reserved)) return null;
  return (
    <p class="used-up">
      <Text
        id="apps.allAppsReached"
        strong={<strong />}
        link={<a href={changePath} />}
        limit={exactly(maxCostPerMonth)}
        day={texts.nearDay(until, timeZone, now)}
      />
    </p>
  );
}

export function describeAllApps(accountLimit: AccountLimit, texts: Texts): string {
  const { maxCostPerMonth } = accountLimit;
  const left = writeRest(findRemainder(accountLimit), maxCostPerMonth, texts);
  return texts('spending.allApps', { limit: texts.shortMoney(maxCostPerMonth), left });
}

/** The amount that all apps together have not spent of the limit of this month. A part of it may be reserved. */
export function findRemainder({ maxCostPerMonth, monthCost, reserved }: AccountLimit): bigint {
  const spent = monthCost - reserved;
  return maxCostPerMonth > spent ? maxCostPerMonth - spent : 0n;
}

/** Writes a whole number of dollars without cents, and any other amount as a part of a limit. */
export function writeRest(amount: bigint, limit: bigint, texts: Texts): string {
  return amount % oneUsd === 0n ? texts.shortMoney(amount) : texts.moneyOf(amount, limit);
}

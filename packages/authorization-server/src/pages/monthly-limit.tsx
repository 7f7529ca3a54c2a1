import type { AccountLimit } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { UsageOfLimit } from './grant-usage.js';
import { LimitInput } from './limit-fields.js';
import { NoLimit } from './no-limit.js';
import { FieldProblem, type Problem, Shown } from './parts.js';

export interface MonthlyLimitProps {
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly accountLimit: AccountLimit | undefined;
  /** The limit as it is stored; empty when there is none. */
  readonly current: string;
  /** The text in the limit's field. */
  readonly limitText: string;
  readonly acceptsNoLimit: boolean;
  /** Whether the form asks for the password or a passkey. */
  readonly isUnconfirmed: boolean;
  readonly problems: readonly Problem[];
  /** The grant whose page is shown after the change; undefined: the settings are shown. */
  readonly grantId?: string;
}

/** The use of the limit on the spending of all apps together, and the form that changes this limit. */
export function MonthlyLimit(props: MonthlyLimitProps) {
  const { texts, csrfToken, accountLimit, current, limitText, problems, grantId } = props;
  return (
    <>
      <p>{texts('settings.limitAbout')}</p>
      {accountLimit !== undefined && (
        <div class="spending">
          <UsageOfLimit
            used={accountLimit.monthCost - accountLimit.reserved}
            limit={accountLimit.maxCostPerMonth}
            label={texts('settings.limitUsed')}
            sentence="settings.limitUse"
          />
        </div>
      )}
      <form method="post" action={paths.accountLimit} class="limits" noValidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {grantId !== undefined && <input type="hidden" name="grant_id" value={grantId} />}
        <Shown values={current} />
        <label for="max_cost_usd_per_month">{texts('settings.limitLabel')}</label>
        <LimitInput kind="maxCostPerMonth" text={limitText} problems={problems} hasHint />
        <FieldProblem problems={problems} field="max_cost_usd_per_month" />
        <small id="max_cost_usd_per_month-hint">{texts('settings.limitHint')}</small>
        {accountLimit !== undefined && (
          <NoLimit isAccepted={props.acceptsNoLimit} warning="settings.limitNoneWarning" problems={problems} />
        )}
        {props.isUnconfirmed && <Confirmation problems={problems} />}
        <button type="submit">{texts('settings.saveLimit')}</button>
      </form>
    </>
  );
}

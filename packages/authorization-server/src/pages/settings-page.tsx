import type { AccountLimit } from '@aipassport/store/authorization';
import type { TimeZoneRegion } from '../account/time-zones.js';
import { paths } from '../endpoints.js';
import { Confirmation } from './confirmation.js';
import { UsageOfLimit } from './grant-usage.js';
import { renderPage, type SignedIn } from './layout.js';
import { LimitInput } from './limit-fields.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface SettingsPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly regions: readonly TimeZoneRegion[];
  readonly accountLimit: AccountLimit | undefined;
  /** The text in the limit's field. */
  readonly limitText: string;
  /** The form that asks for the password. */
  readonly confirms: 'limit' | 'time-zone' | undefined;
  readonly notice: string | undefined;
  readonly problems: readonly Problem[];
}

export function renderSettingsPage(props: SettingsPageProps): string {
  const { stylesheet, signedIn, notice, problems } = props;
  return renderPage({
    stylesheet,
    title: 'Settings',
    signedIn,
    children: (
      <>
        <h1>Settings</h1>
        <p>
          Signed in as {signedIn.email}. <a href={paths.password}>Change password</a>
        </p>
        {notice !== undefined && <Notice>{notice}</Notice>}
        <ErrorSummary problems={problems} />
        <MonthlyLimit {...props} />
        <TimeZone {...props} />
      </>
    ),
  });
}

function MonthlyLimit({ csrfToken, accountLimit, limitText, confirms, problems }: SettingsPageProps) {
  return (
    <article>
      <h2>All apps together</h2>
      <p>The most that all apps together may spend in a month, whatever each of them may spend by itself.</p>
      {accountLimit !== undefined && (
        <div class="spending">
          <UsageOfLimit
            used={accountLimit.monthCost}
            limit={accountLimit.maxCostPerMonth}
            label="Money used this month"
          />
        </div>
      )}
      <form method="post" action={paths.accountLimit} noValidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="max_cost_usd_per_month">Money per month</label>
        <LimitInput kind="maxCostPerMonth" text={limitText} problems={problems} />
        <FieldProblem problems={problems} field="max_cost_usd_per_month" />
        <small>Empty means no limit. The new limit applies from the next request on.</small>
        {confirms === 'limit' && <Confirmation problems={problems} />}
        <button type="submit">Save limit</button>
      </form>
    </article>
  );
}

function TimeZone({ csrfToken, timeZone, regions, confirms, problems }: SettingsPageProps) {
  return (
    <article>
      <h2>Time zone</h2>
      <p>Days and months of your limits begin there at midnight, and dates on these pages are shown in it.</p>
      <form method="post" action={paths.timeZone}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="time_zone">Time zone</label>
        <select id="time_zone" name="time_zone" required {...invalidity(problems, 'time_zone')}>
          <option value="UTC" selected={timeZone === 'UTC'}>
            UTC
          </option>
          {regions.map(({ name, zones }) => (
            <optgroup key={name} label={name}>
              {zones.map((zone) => (
                <option key={zone.name} value={zone.name} selected={zone.name === timeZone}>
                  {zone.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        <FieldProblem problems={problems} field="time_zone" />
        {confirms === 'time-zone' && <Confirmation problems={problems} />}
        <button type="submit">Save time zone</button>
      </form>
    </article>
  );
}

import type { AccountLimit, UsageSummary } from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import { exactly, partOf } from '../texts/texts.js';
import { AllAppsReached, findRemainder } from './all-apps.js';
import { Meter } from './charts.js';
import { SimulatedSum } from './simulated-note.js';
import { Text, useTexts } from './text.js';
import { Bars, DayChart, Figures, type UsageRows } from './usage-charts.js';

interface OverviewUsageProps {
  readonly timeZone: string;
  readonly now: Date;
  readonly today: string;
  readonly usage: UsageSummary;
  readonly accountLimit: AccountLimit | undefined;
  readonly rows: UsageRows;
}

/** The spending and the requests of this month: in total, by day, by app and by model. */
export function OverviewUsage({ today, usage, accountLimit, rows, timeZone, now }: OverviewUsageProps) {
  return (
    <>
      <MonthUsage today={today} usage={usage}>
        <AllAppsReached {...{ accountLimit, timeZone, now }} changePath={paths.settings} />
        <OverallLimit accountLimit={accountLimit} />
      </MonthUsage>
      {usage.total.requests > 0 && <UsageBars rows={rows} />}
    </>
  );
}

interface MonthUsageProps extends Pick<OverviewUsageProps, 'today' | 'usage'> {
  /** Shown between the total and the chart. */
  readonly children?: ComponentChildren;
}

/** The spending and the requests of this month: in total and by day. */
export function MonthUsage({ today, usage, children }: MonthUsageProps) {
  const texts = useTexts();
  const { cost, requests } = usage.total;
  return (
    <article class="month">
      <h2>{texts('overview.monthTitle', { month: texts.month(today) })}</h2>
      {requests === 0 ? (
        <p>{texts('overview.none')}</p>
      ) : (
        <p class="total">
          <Text id="overview.spent" strong={<strong />} cost={cost} count={requests} />
        </p>
      )}
      <SimulatedSum simulated={usage.simulated} />
      {children}
      {requests > 0 && <DayChart today={today} byDay={usage.byDay} />}
    </article>
  );
}

/** The spending by app and by model. */
export function UsageBars({ rows: { byApp, byModel } }: Pick<OverviewUsageProps, 'rows'>) {
  return (
    <>
      <Bars heading="overview.byApp" rows={byApp} />
      <Bars heading="overview.byModel" rows={byModel} />
    </>
  );
}

/** The exact figures of the charts, for screen readers and for people who want all of them. */
export function OverviewFigures({ rows: { byApp, byModel, byDay } }: Pick<OverviewUsageProps, 'rows'>) {
  const texts = useTexts();
  return (
    <details>
      <summary>{texts('overview.figures')}</summary>
      <Figures name="overview.byApp" column="overview.app" rows={byApp} />
      <Figures name="overview.byModel" column="overview.model" rows={byModel} />
      <Figures name="overview.byDay" column="overview.day" rows={byDay} />
    </details>
  );
}

function OverallLimit({ accountLimit }: Pick<OverviewUsageProps, 'accountLimit'>) {
  const settings = <a href={paths.settings} />;
  if (accountLimit === undefined)
    return (
      <p class="aside">
        <Text id="overview.overallNone" link={settings} />
      </p>
    );
  const { maxCostPerMonth, monthCost, reserved } = accountLimit;
  return (
    <div class="overall">
      <Meter value={monthCost - reserved} largest={maxCostPerMonth} />
      <p>
        <Text
          id="overview.overall"
          left={partOf(maxCostPerMonth, findRemainder(accountLimit))}
          limit={exactly(maxCostPerMonth)}
          link={settings}
        />
      </p>
    </div>
  );
}

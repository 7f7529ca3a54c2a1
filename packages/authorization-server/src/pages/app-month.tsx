import type { UpstreamCatalogue } from '@aipassport/policy';
import type { UsageSummary } from '@aipassport/store/authorization';
import { SimulatedSum } from './simulated-note.js';
import { Text, useTexts } from './text.js';
import { DayChart, Figures, listRows } from './usage-charts.js';

interface AppMonthProps {
  /** The present day in the owner's time zone, as YYYY-MM-DD. */
  readonly today: string;
  /** What the app used this month. */
  readonly month: UsageSummary;
  readonly upstreams: UpstreamCatalogue;
}

/**
 * What one app used this month: by day as a chart, and by day and by model as tables. Shows nothing in a month without
 * requests.
 */
export function AppMonth({ today, month, upstreams }: AppMonthProps) {
  const texts = useTexts();
  const { total, byDay } = month;
  if (total.requests === 0) return null;
  const rows = listRows(month, upstreams, texts);
  return (
    <article class="month">
      <h2>{texts('overview.monthTitle', { month: texts.month(today) })}</h2>
      <p class="total">
        <Text id="overview.spent" strong={<strong />} cost={total.cost} count={total.requests} />
      </p>
      <SimulatedSum simulated={month.simulated} />
      <DayChart today={today} byDay={byDay} />
      <details>
        <summary>{texts('overview.figures')}</summary>
        <Figures name="overview.byDay" column="overview.day" rows={rows.byDay} />
        <Figures name="overview.byModel" column="overview.model" rows={rows.byModel} />
      </details>
    </article>
  );
}

import { listMonths } from '@aipassport/policy';
import type { UsageMonth } from '@aipassport/store/authorization';
import { largestOf } from './charts.js';
import { useTexts } from './text.js';
import { Figures, SpendingChart } from './usage-charts.js';

interface AppMonthsProps {
  /** The present day in the owner's time zone, as YYYY-MM-DD. */
  readonly today: string;
  /** The months in which the app was used, the earliest first. */
  readonly months: readonly UsageMonth[];
}

/**
 * What one app used from its first month to the present one, as a chart and as a table. Shows nothing if it was used in
 * the present month only.
 */
export function AppMonths({ today, months }: AppMonthsProps) {
  const texts = useTexts();
  const costs = new Map(months.map(({ month, cost }) => [month, cost]));
  const shown = listMonths(months[0]?.month ?? today, today);
  if (shown.length < 2) return null;
  const columns = shown.map((month) => ({ key: month, value: costs.get(month) ?? 0n, name: texts.month(month) }));
  const cost = largestOf(columns);
  const values = { cost, month: columns.find(({ value }) => value === cost)?.name ?? '' };
  return (
    <article class="month">
      <h2>{texts('connected.monthsTitle')}</h2>
      <SpendingChart
        heading="connected.byMonth"
        columns={columns}
        highest={texts('connected.highestMonth', values)}
        title={texts('connected.byMonthChart', values)}
      />
      <details>
        <summary>{texts('overview.figures')}</summary>
        <Figures
          name="connected.byMonth"
          column="connected.month"
          rows={months.map((row) => ({ ...row, key: row.month, name: texts.month(row.month) }))}
        />
      </details>
    </article>
  );
}

import { listDays, nameModel, type UpstreamCatalogue } from '@aipassport/policy';
import type { AccountLimit, UsageSum, UsageSummary } from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import { exactly, type FixedId, partOf, type Texts } from '../texts/texts.js';
import { AllAppsReached, restOf } from './all-apps.js';
import { AppName } from './app-name.js';
import { ColumnChart, largestOf, Meter } from './charts.js';
import { SimulatedPart, SimulatedSum } from './simulated-note.js';
import { Text, useTexts } from './text.js';

interface OverviewUsageProps {
  readonly timeZone: string;
  readonly now: Date;
  readonly today: string;
  readonly usage: UsageSummary;
  readonly accountLimit: AccountLimit | undefined;
  readonly rows: UsageRows;
}

/** How many rows a chart or a list of the overview shows, to keep the page short. */
export const shownRows = 5;
/** How many rows a table of exact figures shows, so that the page stays small. */
const shownFigures = 50;

/** The spending and the requests of this month: in total, by day, by app and by model. */
export function OverviewUsage(props: OverviewUsageProps) {
  const { today, usage, accountLimit, rows, timeZone, now } = props;
  const texts = useTexts();
  const { cost, requests } = usage.total;
  const { byApp, byModel } = rows;
  return (
    <>
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
        <AllAppsReached {...{ accountLimit, timeZone, now }} changePath={paths.settings} />
        <OverallLimit accountLimit={accountLimit} />
        {requests > 0 && <DayChart today={today} byDay={usage.byDay} />}
      </article>
      {requests > 0 && (
        <>
          <Bars heading="overview.byApp" rows={byApp} />
          <Bars heading="overview.byModel" rows={byModel} />
        </>
      )}
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

/** A row of a chart, and of its table. */
export interface UsageRow extends UsageSum {
  readonly key: string;
  readonly name: ComponentChildren;
  /** The simulated part of `cost`; undefined where the name of the row says it. */
  readonly simulatedCost?: bigint;
}

export interface UsageRows {
  readonly byApp: readonly UsageRow[];
  readonly byModel: readonly UsageRow[];
  readonly byDay: readonly UsageRow[];
}

/** The rows of the charts and tables. */
export function listRows(
  { byClient, byModel, byDay }: UsageSummary,
  upstreams: UpstreamCatalogue,
  texts: Texts,
): UsageRows {
  const byApp: readonly UsageRow[] = byClient.map((row) => ({
    ...row,
    key: row.clientId,
    name: <AppName app={row.client} />,
  }));
  return {
    byApp,
    byModel: byModel.map((row) => ({
      ...row,
      key: `${row.upstream}/${row.model}`,
      name: texts('permissions.model', { model: nameModel(row.model), provider: upstreams.labelOf(row.upstream) }),
    })),
    byDay: byDay.map((row) => ({ ...row, key: row.day, name: texts.dayOfMonth(row.day) })),
  };
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
          left={partOf(maxCostPerMonth, restOf(accountLimit))}
          limit={exactly(maxCostPerMonth)}
          link={settings}
        />
      </p>
    </div>
  );
}

/** @param today a day of the month that is shown */
export function DayChart({ today, byDay }: { readonly today: string; readonly byDay: UsageSummary['byDay'] }) {
  const texts = useTexts();
  const costs = new Map(byDay.map(({ day, cost }) => [day, cost]));
  const days = listDays(today).map((day) => ({ key: day, value: costs.get(day) ?? 0n, name: texts.dayOfMonth(day) }));
  const largest = largestOf(days);
  const values = { cost: largest, day: days.find(({ value }) => value === largest)?.name ?? '' };
  return (
    <SpendingChart
      heading="overview.byDay"
      columns={days}
      highest={texts('overview.highest', values)}
      title={texts('overview.byDayChart', { ...values, month: texts.month(today) })}
    />
  );
}

interface SpendingChartProps {
  readonly heading: FixedId;
  /** At least one. */
  readonly columns: readonly { readonly key: string; readonly value: bigint; readonly name: string }[];
  /** Names the highest column. */
  readonly highest: string;
  /** What the chart shows, for people who cannot see it. */
  readonly title: string;
}

/** A column for each day or month, and the names of the first and the last one. */
export function SpendingChart({ heading, columns, highest, title }: SpendingChartProps) {
  const texts = useTexts();
  return (
    <figure class="days">
      <figcaption>
        <span>{texts(heading)}</span>
        <span aria-hidden="true">{highest}</span>
      </figcaption>
      <ColumnChart bars={columns} title={title} />
      <div class="axis" aria-hidden="true">
        <span>{columns.at(0)?.name}</span>
        <span>{columns.at(-1)?.name}</span>
      </div>
    </figure>
  );
}

interface BarsProps {
  readonly heading: FixedId;
  readonly rows: readonly UsageRow[];
  /** The number of rows that exist but are not in `rows`. */
  readonly omitted?: number;
}

/** @param rows the most expensive first; only the first ones are shown */
export function Bars({ heading, rows, omitted = 0 }: BarsProps) {
  const texts = useTexts();
  const largest = largestOf(rows.map(({ cost }) => ({ value: cost })));
  const rest = Math.max(0, rows.length - shownRows) + omitted;
  return (
    <article>
      <h2>{texts(heading)}</h2>
      <ul class="bars">
        {rows.slice(0, shownRows).map(({ key, name, cost, simulatedCost }) => (
          <li key={key}>
            <span>{name}</span>
            <span>
              {texts.money(cost)}
              <SimulatedPart cost={simulatedCost} />
            </span>
            <Meter value={cost} largest={largest} />
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="aside">{texts('overview.rest', { count: rest })}</p>}
    </article>
  );
}

interface FiguresProps {
  readonly name: FixedId;
  /** The heading of the first column. */
  readonly column: FixedId;
  readonly rows: readonly UsageRow[];
}

export function Figures({ name: title, column, rows }: FiguresProps) {
  const texts = useTexts();
  return (
    <>
      <table class="figures">
        <caption>{texts(title)}</caption>
        <thead>
          <tr>
            <th scope="col">{texts(column)}</th>
            <th scope="col">{texts('overview.requests')}</th>
            <th scope="col">{texts('overview.cost')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shownFigures).map(({ key, name, requests, cost, simulatedCost }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{texts.count(requests)}</td>
              <td>
                {texts.tableMoney(cost)}
                <SimulatedPart cost={simulatedCost} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shownFigures && (
        <p class="aside">{texts('overview.rest', { count: rows.length - shownFigures })}</p>
      )}
    </>
  );
}

import { listDays, nameModel, type UpstreamCatalogue } from '@aipassport/policy';
import type { UsageSum, UsageSummary } from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import type { FixedId, Texts } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { ColumnChart, largestOf, Meter } from './charts.js';
import { SimulatedPart } from './simulated-note.js';
import { useTexts } from './text.js';

/** How many rows a chart or a list of the overview shows, to keep the page short. */
export const shownRows = 5;
/** How many rows a table of exact figures shows, so that the page stays small. */
const shownFigures = 50;

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

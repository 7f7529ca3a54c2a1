import { firstOfMonth, nameModel, type UpstreamCatalogue } from '@aipassport/policy';
import type { InstanceUsage } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { renderPage } from './layout.js';
import { OperatorNavigation, type OperatorPageProps } from './operator-parts.js';
import { Text } from './text.js';
import { Bars, DayChart, Figures, type UsageRow } from './usage-charts.js';

interface OperatorSpendingPageProps extends OperatorPageProps {
  /** As `YYYY-MM`. */
  readonly month: string;
  readonly earlier: string;
  /** Undefined for the present month. */
  readonly later: string | undefined;
  readonly usage: InstanceUsage;
  readonly upstreams: UpstreamCatalogue;
}

export function renderOperatorSpendingPage(props: OperatorSpendingPageProps): string {
  const { stylesheet, texts, signedIn, month, usage } = props;
  const day = firstOfMonth(month);
  const title = texts('overview.monthTitle', { month: texts.month(day) });
  const hasRequests = usage.byProvider.length > 0;
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operatorSpending" />
        <h1>{title}</h1>
        <article class="month">
          {!usage.isComplete && <p>{texts('operator.spendingIncomplete')}</p>}
          {hasRequests ? (
            <>
              <Totals {...usage} />
              <DayChart today={day} byDay={usage.byDay} />
            </>
          ) : (
            <p>{texts('operator.noSpending')}</p>
          )}
          <Months {...props} />
        </article>
        {hasRequests && <Spending {...props} />}
        <p class="aside">{texts('operator.spendingNote')}</p>
      </>
    ),
  });
}

/** Separate sums, because the operator pays only for the requests that used the operator's keys. */
function Totals({ withKeysOf: { operator, owner, simulated, unknown } }: InstanceUsage) {
  const strong = <strong />;
  const sums = [
    ['operator.withYourKeys', operator],
    ['operator.withOwnKeys', owner],
    ...(simulated.requests > 0 ? [['operator.simulated', simulated] as const] : []),
    ...(unknown.requests > 0 ? [['operator.withUnknownKeys', unknown] as const] : []),
  ] as const;
  return (
    <>
      {sums.map(([id, { cost, requests }]) => (
        <p key={id} class="total">
          <Text id={id} strong={strong} cost={cost} count={requests} />
        </p>
      ))}
    </>
  );
}

function Months({ texts, earlier, later }: OperatorSpendingPageProps) {
  const link = (month: string) => (
    <a href={`${paths.operatorSpending}?${new URLSearchParams({ month })}`}>{texts.month(firstOfMonth(month))}</a>
  );
  return (
    <nav class="links" aria-label={texts('operator.otherMonths')}>
      {link(earlier)}
      {later !== undefined && link(later)}
    </nav>
  );
}

function Spending({ usage, upstreams, texts }: OperatorSpendingPageProps) {
  const { byProvider, byModel, byClient, byAccount, byDay } = listRows(usage, upstreams, texts);
  const { models, clients, accounts } = usage.omitted;
  return (
    <>
      <Bars heading="operator.byProvider" rows={byProvider} />
      <Bars heading="overview.byModel" rows={byModel} omitted={models} />
      <Bars heading="overview.byApp" rows={byClient} omitted={clients} />
      <Bars heading="operator.byAccount" rows={byAccount} omitted={accounts} />
      <details>
        <summary>{texts('overview.figures')}</summary>
        <Figures name="operator.byProvider" column="operator.provider" rows={byProvider} />
        <Figures name="overview.byModel" column="overview.model" rows={byModel} />
        <Figures name="overview.byApp" column="overview.app" rows={byClient} />
        <Figures name="operator.byAccount" column="operator.account" rows={byAccount} />
        <Figures name="overview.byDay" column="overview.day" rows={byDay} />
      </details>
    </>
  );
}

const providerTexts = {
  operator: 'operator.providerWithYourKey',
  owner: 'operator.providerWithOwnKeys',
  simulated: 'operator.providerSimulated',
  unknown: 'operator.providerWithUnknownKeys',
} as const;

function listRows(usage: InstanceUsage, upstreams: UpstreamCatalogue, texts: Texts) {
  const byProvider: readonly UsageRow[] = usage.byProvider.map((row) => {
    const provider = upstreams.labelOf(row.upstream);
    return { ...row, key: `${row.upstream} ${row.keyOwner}`, name: texts(providerTexts[row.keyOwner], { provider }) };
  });
  return {
    byProvider,
    byModel: usage.byModel.map((row) => ({
      ...row,
      key: `${row.upstream}/${row.model}`,
      name: texts('permissions.model', { model: nameModel(row.model), provider: upstreams.labelOf(row.upstream) }),
    })),
    byClient: usage.byClient.map((row) => ({ ...row, key: row.clientId, name: <AppName app={row.client} /> })),
    byAccount: usage.byAccount.map((row) => ({
      ...row,
      key: row.accountId,
      name:
        row.email === undefined ? (
          texts('operator.deletedAccount')
        ) : (
          <a href={formatPath(paths.operatorAccount, row.accountId)}>{row.email}</a>
        ),
    })),
    byDay: usage.byDay
      .toSorted((a, b) => (a.day < b.day ? -1 : 1))
      .map((row) => ({ ...row, key: row.day, name: texts.dayOfMonth(row.day) })),
  };
}

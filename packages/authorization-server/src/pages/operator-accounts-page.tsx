import type { AccountSummary } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { OperatorList, OperatorNavigation, type OperatorPageProps, type TableRow } from './operator-parts.js';
import { Notice, RelativeTime, TimeZoneNote } from './parts.js';
import { SimulatedPart } from './simulated-note.js';

interface OperatorAccountsPageProps extends OperatorPageProps {
  readonly timeZone: string;
  readonly now: Date;
  readonly search: string;
  readonly notice: FixedId | undefined;
  readonly accounts: readonly AccountSummary[];
  readonly isFirstPage: boolean;
  readonly next: string | undefined;
}

type RowView = Pick<OperatorAccountsPageProps, 'texts' | 'timeZone' | 'now'>;

export function renderOperatorAccountsPage(props: OperatorAccountsPageProps): string {
  const { stylesheet, texts, signedIn, timeZone, search, notice, accounts, next } = props;
  const title = texts('operator.accountsTitle');
  const heads = ['operator.email', 'operator.since', 'operator.apps', 'operator.spent', 'operator.state'] as const;
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operatorAccounts" />
        <h1>{title}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <OperatorList
          path={paths.operatorAccounts}
          label={title}
          heads={heads.map((head) => texts(head))}
          rows={accounts.map((account) => describeAccount(account, props))}
          search={{ label: texts('operator.searchEmail'), text: search }}
          isFirstPage={props.isFirstPage}
          next={next}
        />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function describeAccount(account: AccountSummary, { texts, timeZone, now }: RowView): TableRow {
  const { id, email, createdAt, disabledAt, apps, monthCost, simulatedMonthCost, isOperator } = account;
  return {
    key: id,
    cells: [
      <>
        <a href={formatPath(paths.operatorAccount, id)}>{email}</a>
        {isOperator && <small>{texts('operator.isOperator')}</small>}
      </>,
      <RelativeTime key="since" at={createdAt} timeZone={timeZone} now={now} />,
      texts.limit(apps),
      <>
        {texts.money(monthCost)}
        <SimulatedPart cost={simulatedMonthCost} />
      </>,
      texts(disabledAt === undefined ? 'operator.active' : 'operator.disabled'),
    ],
  };
}

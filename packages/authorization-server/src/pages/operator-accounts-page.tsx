import type { AccountSummary } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { renderPage } from './layout.js';
import {
  ChangeLink,
  NextPage,
  OperatorNavigation,
  type OperatorPageProps,
  ScrollingTable,
  SearchForm,
} from './operator-parts.js';
import { Notice, Time, TimeZoneNote } from './parts.js';
import { useTexts } from './text.js';

interface OperatorAccountsPageProps extends OperatorPageProps {
  readonly timeZone: string;
  /** The operator's own account, which this page does not disable. */
  readonly ownAccountId: string;
  readonly search: string;
  readonly notice: FixedId | undefined;
  readonly accounts: readonly AccountSummary[];
  readonly next: string | undefined;
}

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
        <SearchForm path={paths.operatorAccounts} label={texts('operator.searchEmail')} search={search} />
        <article>
          {accounts.length === 0 ? (
            <p>{texts('operator.noneFound')}</p>
          ) : (
            <ScrollingTable label={title} heads={heads.map((head) => texts(head))}>
              {accounts.map((account) => (
                <Row key={account.id} account={account} isOwn={account.id === props.ownAccountId} timeZone={timeZone} />
              ))}
            </ScrollingTable>
          )}
          <NextPage path={paths.operatorAccounts} search={search} next={next} />
        </article>
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

interface RowProps {
  readonly account: AccountSummary;
  readonly isOwn: boolean;
  readonly timeZone: string;
}

function Row({ account, isOwn, timeZone }: RowProps) {
  const texts = useTexts();
  const { id, email, createdAt, disabledAt, apps, monthCost, isOperator } = account;
  return (
    <tr>
      <th scope="row">
        {email}
        {isOperator && <small>{texts('operator.title')}</small>}
      </th>
      <td>
        <Time at={createdAt} timeZone={timeZone} />
      </td>
      <td>{texts.limit(apps)}</td>
      <td>{texts.money(monthCost)}</td>
      <td>
        {disabledAt !== undefined ? (
          texts('operator.disabled')
        ) : isOwn ? (
          texts('operator.yourAccount')
        ) : (
          <ChangeLink act="disable_account" subject={id} text={texts('operator.disableTitle')} />
        )}
      </td>
    </tr>
  );
}

import { type ClientSummary, identifyClient } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import { listClientLinks } from '../interaction/client-links.js';
import type { FixedId } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { renderPage } from './layout.js';
import {
  ChangeLink,
  OperatorList,
  OperatorNavigation,
  type OperatorPageProps,
  type TableRow,
} from './operator-parts.js';
import { ForeignText, Notice, RelativeTime, TimeZoneNote } from './parts.js';
import { useTexts } from './text.js';

interface OperatorClientsPageProps extends OperatorPageProps {
  readonly timeZone: string;
  readonly now: Date;
  readonly search: string;
  readonly notice: FixedId | undefined;
  readonly clients: readonly ClientSummary[];
  readonly isFirstPage: boolean;
  readonly next: string | undefined;
}

type RowView = Pick<OperatorClientsPageProps, 'texts' | 'timeZone' | 'now'>;

export function renderOperatorClientsPage(props: OperatorClientsPageProps): string {
  const { stylesheet, texts, signedIn, timeZone, search, notice, clients, next } = props;
  const title = texts('operator.clientsTitle');
  const heads = ['operator.app', 'operator.since', 'operator.accountsTitle', 'operator.state', 'operator.act'] as const;
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operatorClients" />
        <h1>{title}</h1>
        <p>{texts('operator.clientsAbout')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <OperatorList
          path={paths.operatorClients}
          label={title}
          heads={heads.map((head) => texts(head))}
          rows={clients.map((client) => describeClient(client, props))}
          search={{ label: texts('operator.searchApp'), text: search }}
          isFirstPage={props.isFirstPage}
          next={next}
        />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function describeClient(client: ClientSummary, { texts, timeZone, now }: RowView): TableRow {
  const { id, createdAt, accounts } = client;
  const site = listClientLinks(client.metadata).find(({ title }) => title === 'consent.website');
  return {
    key: id,
    cells: [
      <>
        <AppName app={identifyClient(client)} />
        {site !== undefined && (
          <small>
            <ForeignText>{texts('operator.website', { host: site.host })}</ForeignText>
          </small>
        )}
        <small>{id}</small>
      </>,
      <RelativeTime key="since" at={createdAt} timeZone={timeZone} now={now} />,
      texts.limit(accounts),
      texts(describeStanding(client)),
      <Acts key="acts" client={client} />,
    ],
  };
}

function describeStanding({ isBlocked, isApproved, registeredBy }: ClientSummary): FixedId {
  if (isBlocked) return 'operator.blocked';
  if (registeredBy === 'operator') return 'operator.addedByOperator';
  return isApproved ? 'operator.approved' : 'operator.notAddedByOperator';
}

function Acts({ client: { id, isBlocked, isApproved, registeredBy } }: { readonly client: ClientSummary }) {
  const texts = useTexts();
  if (isBlocked) return <ChangeLink act="unblock_client" subject={id} text={texts('operator.unblockTitle')} />;
  return (
    <span class="links">
      {registeredBy === 'registration' &&
        (isApproved ? (
          <ChangeLink act="disapprove_client" subject={id} text={texts('operator.disapproveTitle')} />
        ) : (
          <ChangeLink act="approve_client" subject={id} text={texts('operator.approveTitle')} />
        ))}
      <ChangeLink act="block_client" subject={id} text={texts('operator.blockTitle')} />
    </span>
  );
}

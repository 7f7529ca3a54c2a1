import { type ClientSummary, listRedirectUris } from '@aipassport/store/authorization';
import { describePlaces } from '../describe-destination.js';
import { paths } from '../endpoints.js';
import { listClientLinks } from '../interaction/client-links.js';
import type { FixedId, Texts } from '../texts/texts.js';
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
          next={next}
        />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function describeClient(client: ClientSummary, { texts, timeZone, now }: RowView): TableRow {
  const { id, name, createdAt, accounts } = client;
  return {
    key: id,
    cells: [
      <>
        <ForeignText>{name}</ForeignText>
        {describeUrls(client, texts).map((line) => (
          <small key={line}>
            <ForeignText>{line}</ForeignText>
          </small>
        ))}
        <small>{id}</small>
      </>,
      <RelativeTime key="since" at={createdAt} timeZone={timeZone} now={now} />,
      texts.limit(accounts),
      texts(describeStanding(client)),
      <Acts key="acts" client={client} />,
    ],
  };
}

/** Where the client runs, and the host that it names as its website. Only these show who the client is. */
function describeUrls(client: ClientSummary, texts: Texts): readonly string[] {
  const site = listClientLinks(client.metadata).find(({ title }) => title === 'consent.website');
  return [
    describePlaces(listRedirectUris(client), texts),
    ...(site === undefined ? [] : [texts('operator.website', { host: site.host })]),
  ];
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

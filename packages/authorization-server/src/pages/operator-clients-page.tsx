import type { ClientSummary } from '@aipassport/store/authorization';
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
import { ForeignText, Notice, Time, TimeZoneNote } from './parts.js';
import { useTexts } from './text.js';

interface OperatorClientsPageProps extends OperatorPageProps {
  readonly timeZone: string;
  readonly search: string;
  readonly notice: FixedId | undefined;
  readonly clients: readonly ClientSummary[];
  readonly next: string | undefined;
}

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
        <SearchForm path={paths.operatorClients} label={texts('operator.searchApp')} search={search} />
        <article>
          {clients.length === 0 ? (
            <p>{texts('operator.noneFound')}</p>
          ) : (
            <ScrollingTable label={title} heads={heads.map((head) => texts(head))}>
              {clients.map((client) => (
                <Row key={client.id} client={client} timeZone={timeZone} />
              ))}
            </ScrollingTable>
          )}
          <NextPage path={paths.operatorClients} search={search} next={next} />
        </article>
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function Row({ client, timeZone }: { readonly client: ClientSummary; readonly timeZone: string }) {
  const texts = useTexts();
  const { id, name, createdAt, accounts } = client;
  return (
    <tr>
      <th scope="row">
        <ForeignText>{name}</ForeignText>
        <small>{id}</small>
      </th>
      <td>
        <Time at={createdAt} timeZone={timeZone} />
      </td>
      <td>{texts.limit(accounts)}</td>
      <td>{texts(describeStanding(client))}</td>
      <td>
        <Acts client={client} />
      </td>
    </tr>
  );
}

function describeStanding({ isBlocked, isApproved, registeredBy }: ClientSummary): FixedId {
  if (isBlocked) return 'operator.blocked';
  if (registeredBy === 'operator') return 'operator.addedByOperator';
  return isApproved ? 'operator.approved' : 'operator.selfRegistered';
}

function Acts({ client: { id, isBlocked, isApproved, registeredBy } }: { readonly client: ClientSummary }) {
  const texts = useTexts();
  if (isBlocked) return <ChangeLink act="unblock_client" subject={id} text={texts('operator.unblockTitle')} />;
  return (
    <>
      {registeredBy === 'registration' && (
        <>
          {isApproved ? (
            <ChangeLink act="disapprove_client" subject={id} text={texts('operator.disapproveTitle')} />
          ) : (
            <ChangeLink act="approve_client" subject={id} text={texts('operator.approveTitle')} />
          )}
          <br />
        </>
      )}
      <ChangeLink act="block_client" subject={id} text={texts('operator.blockTitle')} />
    </>
  );
}

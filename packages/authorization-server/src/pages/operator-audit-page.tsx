import type { SealingReport } from '@aipassport/store';
import { auditEventKinds, type InstanceEvent } from '@aipassport/store/authorization';
import { describeChanges } from '../activity/describe-changes.js';
import { describeForOperators } from '../activity/describe-event.js';
import { paths } from '../endpoints.js';
import type { AuditFilter } from '../operator/audit-filter.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { Confirmation } from './confirmation.js';
import { ExportButtons } from './export-buttons.js';
import { renderPage } from './layout.js';
import { OperatorNavigation, type OperatorPageProps } from './operator-parts.js';
import { ErrorSummary, ForeignText, Notice, type Problem, Time, TimeZoneNote } from './parts.js';
import { Text, useTexts } from './text.js';

interface OperatorAuditPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly filter: AuditFilter;
  readonly sealing: SealingReport;
  readonly events: readonly InstanceEvent[];
  readonly isFirstPage: boolean;
  /** The next page shows the events before this id; undefined on the last page. */
  readonly earlierThan: bigint | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderOperatorAuditPage(props: OperatorAuditPageProps): string {
  const { stylesheet, texts, signedIn, timeZone, filter, sealing, events, earlierThan, notice, problems } = props;
  const title = texts('operator.auditTitle');
  const addressOf = (before?: bigint) => {
    const query = { ...describeAuditFilter(filter), ...(before !== undefined && { before: String(before) }) };
    return `${paths.operatorAudit}?${new URLSearchParams(query)}`;
  };
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operatorAudit" />
        <h1>{title}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <Sealing sealing={sealing} timeZone={timeZone} />
        <ErrorSummary problems={problems} />
        <FilterForm {...filter} />
        <article>
          {events.length === 0 ? (
            <p>
              <Text id="operator.noneFound" link={<a href={paths.operatorAudit} />} />
            </p>
          ) : (
            <ol class="events log">
              {events.map((event) => (
                <Event key={String(event.id)} event={event} timeZone={timeZone} />
              ))}
            </ol>
          )}
          {(earlierThan !== undefined || !props.isFirstPage) && (
            <nav class="links" aria-label={texts('common.pages')}>
              {!props.isFirstPage && <a href={addressOf()}>{texts('events.latest')}</a>}
              {earlierThan !== undefined && (
                <a rel="next" href={addressOf(earlierThan)}>
                  {texts('events.earlier')}
                </a>
              )}
            </nav>
          )}
        </article>
        <ExportForm {...props} />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function Sealing({ sealing, timeZone }: { readonly sealing: SealingReport; readonly timeZone: string }) {
  const command = <code>aipassport audit verify</code>;
  if (sealing.kind === 'changed')
    return (
      <p class="field-problem" role="alert">
        <Text id="operator.auditChanged" command={command} />
      </p>
    );
  if (sealing.sealedUntil === undefined)
    return (
      <p>
        <Text id="operator.auditUnsealed" />
      </p>
    );
  const time = <Time at={sealing.sealedUntil} timeZone={timeZone} />;
  return (
    <p>
      <Text id="operator.auditSealed" time={time} command={command} />
    </p>
  );
}

/** The filter, as the parameters of the page and the fields of its two forms. */
export function describeAuditFilter({ event = '', email = '', clientId = '' }: AuditFilter) {
  return { event, email, client_id: clientId };
}

function FilterForm({ event, email, clientId }: AuditFilter) {
  const texts = useTexts();
  return (
    <form method="get" action={paths.operatorAudit} class="filter">
      <div>
        <label for="event">{texts('operator.event')}</label>
        <select id="event" name="event">
          <option value="">{texts('operator.allEvents')}</option>
          {listEventChoices(texts).map(({ kind, text }) => (
            <option key={kind} value={kind} selected={kind === event}>
              {text} ({kind})
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="email">{texts('operator.wholeEmail')}</label>
        <input id="email" name="email" maxLength={254} value={email} autocomplete="off" />
      </div>
      <div>
        <label for="client_id">{texts('operator.clientId')}</label>
        <input id="client_id" name="client_id" maxLength={2000} value={clientId} autocomplete="off" />
      </div>
      <button type="submit" class="secondary">
        {texts('operator.search')}
      </button>
    </form>
  );
}

/** The kinds of events with their texts, in alphabetical order. */
function listEventChoices(texts: Texts) {
  return auditEventKinds
    .map((kind) => ({ kind, text: texts(describeForOperators({ kind, detail: {} })) }))
    .toSorted((a, b) => a.text.localeCompare(b.text, texts.language));
}

/**
 * The first line: what, who and when. Then the app and the changed values in words. The last line is for exact
 * searches: the name of the kind, the identifier of the app and the stored details, which may be long.
 */
function Event({ event: row, timeZone }: { readonly event: InstanceEvent; readonly timeZone: string }) {
  const texts = useTexts();
  const { at, event, email, clientId, client, detail } = row;
  return (
    <li>
      <div>
        <strong>{texts(describeForOperators(row))}</strong> {email}
        {clientId !== undefined && (
          <p>
            <AppName app={client} />
          </p>
        )}
        {describeChanges(row, { timeZone, texts }).map((change) => (
          <p key={change}>{change}</p>
        ))}
      </div>
      <Time at={at} timeZone={timeZone} />
      <p>
        <small>
          <code>
            {event} {clientId} {Object.keys(detail).length > 0 && <ForeignText>{JSON.stringify(detail)}</ForeignText>}
          </code>
        </small>
      </p>
    </li>
  );
}

function ExportForm({ filter, csrfToken, problems, texts }: OperatorAuditPageProps) {
  return (
    <article>
      <h2>{texts('operator.exportTitle')}</h2>
      <form method="post" action={paths.operatorAuditExport}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {Object.entries(describeAuditFilter(filter)).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <Confirmation problems={problems} keepsForm={false} />
        <ExportButtons />
      </form>
    </article>
  );
}

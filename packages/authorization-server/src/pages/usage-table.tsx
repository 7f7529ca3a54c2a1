import { nameModel, type UpstreamCatalogue } from '@aipassport/policy';
import type { CutOff, LedgerEntry, LedgerSettlement } from '@aipassport/store/authorization';
import { type FixedId, type Message, message } from '../texts/texts.js';
import { findOperationWords } from './capability-words.js';
import { EventTime } from './parts.js';
import { useTexts } from './text.js';

interface UsageTableProps {
  /** Sorted from the latest to the earliest. */
  readonly entries: readonly LedgerEntry[];
  readonly timeZone: string;
  readonly now: Date;
  readonly upstreams: UpstreamCatalogue;
}

/** Requests of a grant, or of all grants of an app. The contents of requests and answers are not stored anywhere. */
export function UsageTable({ entries, ...view }: UsageTableProps) {
  const texts = useTexts();
  if (entries.length === 0) return <p class="aside">{texts('activity.empty')}</p>;
  return (
    <>
      <table class="usage">
        <thead>
          <tr>
            <th scope="col">{texts('activity.when')}</th>
            <th scope="col">{texts('activity.model')}</th>
            <th scope="col">{texts('activity.tokens')}</th>
            <th scope="col">{texts('activity.cost')}</th>
            <th scope="col">{texts('activity.result')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <UsageRow key={entry.requestId} entry={entry} {...view} />
          ))}
        </tbody>
      </table>
      <p class="aside">{texts('activity.footer')}</p>
    </>
  );
}

interface UsagePagesProps {
  readonly isFirstPage: boolean;
  readonly firstPath: string;
  /** The path of the page with older requests; undefined when there are none. */
  readonly olderPath: string | undefined;
}

/** The links to the latest and the older requests. */
export function UsagePages({ isFirstPage, firstPath, olderPath }: UsagePagesProps) {
  const texts = useTexts();
  if (isFirstPage && olderPath === undefined) return null;
  return (
    <nav class="links" aria-label={texts('common.pages')}>
      {!isFirstPage && <a href={firstPath}>{texts('connected.latest')}</a>}
      {olderPath !== undefined && (
        <a rel="next" href={olderPath}>
          {texts('connected.older')}
        </a>
      )}
    </nav>
  );
}

type RowProps = Omit<UsageTableProps, 'entries'> & { readonly entry: LedgerEntry };

function UsageRow({ entry, timeZone, now, upstreams }: RowProps) {
  const texts = useTexts();
  const { admittedAt, upstream, model, operation, cost, settlement, isSimulated } = entry;
  const result = describeResult(entry);
  const note = settlements[settlement];
  const words = findOperationWords(operation);
  const name = nameModel(model);
  const id = name === model ? [] : [model];
  const details = [...id, upstreams.labelOf(upstream), ...(words === undefined ? [] : [texts(words)])];
  return (
    <tr>
      <td class="when">
        <EventTime at={admittedAt} timeZone={timeZone} now={now} />
      </td>
      <td class="model">
        {name}
        <small>{details.join(', ')}</small>
      </td>
      <td class="tokens">
        <Tokens {...entry} />
      </td>
      <td class="cost">
        {texts.tableMoney(cost)}
        {note !== undefined && <small>{texts(note)}</small>}
        {isSimulated && <small>{texts('activity.simulated')}</small>}
      </td>
      <td class="status">{result === undefined ? '–' : texts.say(result)}</td>
    </tr>
  );
}

function Tokens({ inputTokens, outputTokens }: LedgerEntry) {
  const texts = useTexts();
  if (inputTokens === undefined && outputTokens === undefined) return <>–</>;
  return (
    <>
      <span>{texts('activity.in', { count: inputTokens ?? 0 })}</span>{' '}
      <span>{texts('activity.out', { count: outputTokens ?? 0 })}</span>
    </>
  );
}

/** @returns undefined when nothing is known about the answer */
function describeResult({ status, settlement, cutOff }: LedgerEntry): Message | undefined {
  if (cutOff !== undefined) return message(describeCutOff(cutOff));
  if (status === undefined) return undefined;
  // The proxy follows no redirect. An answer with a status of success can consist of an error, which is not charged.
  if (status < 400)
    return status < 300 && settlement !== 'unbilled'
      ? message('activity.answered')
      : message('activity.unusable', { status });
  return message(failures[status] ?? (status < 500 ? 'activity.refused' : 'activity.failed'), { status });
}

/** The texts for answers that ended early. */
const cutOffs: Readonly<Record<CutOff, FixedId>> = {
  client_left: 'activity.appLeft',
  client_stalled: 'activity.appLeft',
  grant_revoked: 'activity.cutByRemoval',
  grant_ended: 'activity.cutByEnd',
  revocations_unheard: 'activity.cutByOutage',
  stopping: 'activity.cutByServer',
  time_limit_reached: 'activity.cutForTime',
  upstream_timeout: 'activity.cutForTime',
  upstream_failed: 'activity.cutByProvider',
  body_refused: 'activity.cutByCheck',
};

/** A newer release may have other reasons. */
function describeCutOff(cutOff: string): FixedId {
  return Object.hasOwn(cutOffs, cutOff) ? cutOffs[cutOff as CutOff] : 'activity.cutOff'; // the line checks the type
}

/** The texts for statuses that have a more exact text than “refused” (4xx) or “failed” (5xx). */
const failures: Readonly<
  Record<
    number,
    'activity.keyRefused' | 'activity.notAllowed' | 'activity.limited' | 'activity.overloaded' | 'activity.tooSlow'
  >
> = {
  401: 'activity.keyRefused',
  403: 'activity.notAllowed',
  408: 'activity.tooSlow',
  // Some providers also answer with this status when the account has no credit left.
  429: 'activity.limited',
  503: 'activity.overloaded',
  504: 'activity.tooSlow',
  529: 'activity.overloaded',
};

/** Explains how the cost was determined, unless it follows from the usage that the AI provider reported. */
const settlements: Readonly<Record<LedgerSettlement, FixedId | undefined>> = {
  reported: undefined,
  produced: 'activity.produced',
  estimated: 'activity.estimated',
  doubted: 'activity.doubted',
  abandoned: 'activity.abandoned',
  unbilled: 'activity.unbilled',
  released: 'activity.released',
  corrected: 'activity.corrected',
  withdrawn: 'activity.withdrawn',
};

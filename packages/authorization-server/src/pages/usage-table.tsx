import { formatUsd, type UpstreamCatalogue } from '@aipassport/policy';
import type { LedgerEntry, LedgerSettlement } from '@aipassport/store/authorization';
import { formatCount } from '../limits/describe-limit.js';
import { Time } from './parts.js';

interface UsageTableProps {
  /** Sorted from the latest to the earliest. */
  readonly entries: readonly LedgerEntry[];
  readonly timeZone: string;
  readonly upstreams: UpstreamCatalogue;
}

/** The latest requests of a grant. The contents of requests and answers are not stored anywhere. */
export function UsageTable({ entries, timeZone, upstreams }: UsageTableProps) {
  if (entries.length === 0) return <p class="aside">Nothing yet.</p>;
  return (
    <>
      <table class="usage">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Model</th>
            <th scope="col">Tokens</th>
            <th scope="col">Cost</th>
            <th scope="col">Answer</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <UsageRow key={entry.requestId} entry={entry} timeZone={timeZone} upstreams={upstreams} />
          ))}
        </tbody>
      </table>
      <p class="aside">The latest requests that ended, and corrections. What was asked and answered is not kept.</p>
    </>
  );
}

type RowProps = Omit<UsageTableProps, 'entries'> & { readonly entry: LedgerEntry };

function UsageRow({ entry, timeZone, upstreams }: RowProps) {
  const { admittedAt, upstream, model, operation, cost, settlement, status } = entry;
  const note = settlements[settlement];
  return (
    <tr>
      <td class="when">
        <Time at={admittedAt} timeZone={timeZone} />
      </td>
      <td class="model">
        {model}
        <small>
          {upstreams.labelOf(upstream)}, {operation.slice(operation.indexOf('.') + 1)}
        </small>
      </td>
      <td class="tokens">
        <Tokens {...entry} />
      </td>
      <td class="cost">
        {formatUsd(cost)}
        {note !== undefined && <small>{note}</small>}
      </td>
      <td class="status">{status ?? '–'}</td>
    </tr>
  );
}

function Tokens({ inputTokens, outputTokens }: LedgerEntry) {
  if (inputTokens === undefined && outputTokens === undefined) return <>–</>;
  return (
    <>
      <span>{formatCount(inputTokens ?? 0)} in,</span> <span>{formatCount(outputTokens ?? 0)} out</span>
    </>
  );
}

/** Explains the cost when it is not simply the cost that the AI provider reported. */
const settlements: Readonly<Record<LedgerSettlement, string | undefined>> = {
  reported: undefined,
  produced: 'estimated from the answer: the provider did not report it',
  estimated: 'the most that it can cost: the provider did not report it',
  doubted: 'the most that it can cost: the provider reported more than is possible',
  abandoned: 'the most that it can cost: how it ended is not known',
  unbilled: 'not charged: the provider refused it',
  released: 'not charged: it never reached the provider',
  corrected: 'correction: how the request ended is known now',
  withdrawn: 'correction: the request never reached the provider',
};

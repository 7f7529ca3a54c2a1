import type { UpstreamCatalogue } from '@aipassport/policy';
import type { ChangedLimit, Difference } from '../interaction/compare-terms.js';
import { limitWords } from '../limits/limit-words.js';
import { exactly, type FixedId, type Texts } from '../texts/texts.js';
import { listActions, nameModels } from './describe-terms.js';
import { useTexts } from './text.js';

interface DifferenceProps {
  readonly difference: Difference;
  readonly upstreams: UpstreamCatalogue;
  readonly timeZone: string;
  readonly shownAt: Date;
}

/** What is new for an app that has access already, what stays, and what it can no longer use. */
export function DifferenceLines({ difference, upstreams, timeZone, shownAt }: DifferenceProps) {
  const texts = useTexts();
  const { added, kept, removed, limits, expiresAt } = difference;
  const name = (tokens: Difference['added']) => [
    nameModels(tokens, upstreams, 'alone', texts),
    ...listActions(tokens).map((action) => texts(action)),
  ];
  const end =
    expiresAt && texts('summary.until', { end: 'instant', time: texts.nearTime(expiresAt, timeZone, shownAt) });
  const changed = limits.map((limit) => describeLimit(limit, texts));
  return (
    <>
      <Line heading="summary.new" items={[...name(added), ...changed, end ?? '']} />
      <Line heading="summary.asBefore" items={name(kept)} />
      <Line heading="summary.noLonger" items={name(removed)} />
    </>
  );
}

function Line({ heading, items }: { readonly heading: FixedId; readonly items: readonly string[] }) {
  const shown = items.filter((item) => item !== '');
  if (shown.length === 0) return null;
  return (
    <p class="difference">
      <b>{useTexts()(heading)}</b> {shown.join(' · ')}
    </p>
  );
}

function describeLimit({ kind, before, after }: ChangedLimit, texts: Texts): string {
  const { label, value } = limitWords[kind];
  if (after === undefined) return texts('summary.limitLifted', { label: texts(label), before: exactly(before ?? 0) });
  const next = texts(value, { limit: exactly(after) });
  if (before === undefined) return next;
  return texts('summary.limitChanged', { value: next, before: exactly(before) });
}

import { dayOf, type GrantTerms, type ScopeToken, type UpstreamCatalogue } from '@aipassport/policy';
import type { CheckedChoice } from '../interaction/check-choice.js';
import type { Difference } from '../interaction/compare-terms.js';
import type { ConsentFields } from '../interaction/consent-fields.js';
import type { Explanation } from '../interaction/explain-amount.js';
import type { Message, Texts } from '../texts/texts.js';
import { describeMoney, findMoreMoney, listActions, nameModels } from './describe-terms.js';
import { DifferenceLines } from './difference.js';
import { MoreLimitsSet, rareLimits } from './limit-fields.js';
import { ForeignText } from './parts.js';
import type { Problem } from './problem.js';
import { Text, useTexts } from './text.js';

/** The data for the parts of the consent page that change while the owner edits the form. */
export interface SummaryProps {
  /** A verified name or the host of the app. If it is undefined, the summary says “this app”. */
  readonly appName: string | undefined;
  readonly considered: CheckedChoice;
  /** The result of `hashSummary`; empty when the choices cannot be allowed. */
  readonly hash: string;
  readonly shownAt: Date;
  readonly fields: ConsentFields;
  /** What changes for an app that has access already; undefined when there is nothing to compare. */
  readonly difference: Difference | undefined;
  /** The grant to which an update adds; undefined for every other request. */
  readonly updated: GrantTerms | undefined;
  /** What the money is enough for. */
  readonly explanations: readonly Explanation[];
  readonly warnings: readonly Message[];
  /** The models and capabilities that allow nothing together with the other choices. */
  readonly useless: readonly ScopeToken[];
  readonly upstreams: UpstreamCatalogue;
  readonly timeZone: string;
}

/** The parts that the page's script replaces after each edit. `data-live` names the element that a part replaces. */
export function LiveParts(props: SummaryProps) {
  return (
    <>
      <Summary {...props} />
      <ShownChoice {...props} />
      <Choice {...props} />
      <ChosenEnd {...props} />
      <Definitions {...props} />
      <MoreLimitsSet kinds={rareLimits} values={props.fields.limits} />
      <AllowLabel {...props} />
    </>
  );
}

/** What the page's script shows in place of the summary and of the button's amount when it cannot update them. */
export function FailedParts() {
  return (
    <template>
      <section data-live="summary">
        <p class="warning">
          <Text id="summary.failed" />
        </p>
      </section>
      <span data-live="allow">
        <Text id="consent.allow" />
      </span>
    </template>
  );
}

/** The sentence that says what is allowed, what it changes, what the money is enough for, and the warnings. */
export function Summary(props: SummaryProps) {
  const texts = useTexts();
  const { difference, explanations, warnings } = props;
  return (
    <section id="summary" class="summary" aria-label={texts('summary.title')} aria-live="polite" data-live="summary">
      <p>
        <Sentence {...props} />
      </p>
      <Useless {...props} />
      {difference !== undefined && <DifferenceLines {...props} difference={difference} />}
      {explanations.map(({ text, about }) => (
        <p key={texts.say(text)} class="price" title={about && texts.say(about)}>
          {texts.say(text)}
        </p>
      ))}
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => {
            const text = texts.say(warning);
            return (
              <li key={text} class="warning">
                {text}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/**
 * Names the chosen models and capabilities that allow nothing together with the other choices. The sentence of the
 * summary leaves them out.
 */
function Useless({ considered, useless, upstreams }: SummaryProps) {
  const texts = useTexts();
  if (considered.outcome !== 'terms' || useless.length === 0 || useless.length === considered.terms.tokens.length)
    return null;
  const actions = listActions(useless).map((action) => texts(action));
  const list = [nameModels(useless, upstreams, 'alone', texts), ...actions].filter((one) => one !== '');
  return <p class="price">{texts('summary.useless', { list: texts.list(list) })}</p>;
}

function Sentence({ appName, considered, fields, shownAt, updated, useless, upstreams, timeZone }: SummaryProps) {
  const texts = useTexts();
  const app = appName === undefined ? <Text id="consent.thisApp" /> : <ForeignText>{appName}</ForeignText>;
  if (considered.outcome === 'problems') {
    const [first] = considered.problems;
    if (first !== undefined && !isUnticked(first)) return <>{texts.say(first.message)}</>;
    return <Text id="summary.incomplete" app={appName === undefined ? <Text id="consent.thisAppInside" /> : app} />;
  }
  const { terms } = considered;
  const { limits } = terms;
  const tokens = terms.tokens.filter((token) => !useless.includes(token));
  if (tokens.length === 0) return <Text id="summary.unable" app={app} />;
  const actions = listActions(tokens);
  const amount = describeMoney(limits, texts, updated === undefined ? 'plain' : 'in-total');
  return (
    <Text
      id="summary.sentence"
      app={app}
      what={actions.join() === 'summary.chat' ? 'chat' : 'several'}
      models={nameModels(tokens, upstreams, 'sentence', texts)}
      actions={texts.list(actions.map((action) => texts(action)))}
      limit={amount === undefined ? 'none' : kindOfMoney(fields)}
      amount={amount ?? ''}
      {...describeEnd(terms, { fields, shownAt, timeZone, texts })}
    />
  );
}

/** Hidden fields: a hash of the choices that the summary shows, and when it was shown. */
export function ShownChoice({ hash, shownAt }: Pick<SummaryProps, 'hash' | 'shownAt'>) {
  return (
    <div data-live="shown" hidden>
      <input type="hidden" name="summary" value={hash} />
      <input type="hidden" name="shown_at" value={shownAt.getTime()} />
    </div>
  );
}

/** The chosen models, above the closed lists of models and capabilities. Empty when the choices have a problem. */
export function Choice({ considered, upstreams }: Pick<SummaryProps, 'considered' | 'upstreams'>) {
  const texts = useTexts();
  return (
    <span data-live="choice">
      {considered.outcome === 'terms' && nameModels(considered.terms.tokens, upstreams, 'alone', texts)}
    </span>
  );
}

/** What the words of the summary mean, such as a short chat. The summary itself has room for one line only. */
export function Definitions({ explanations }: Pick<SummaryProps, 'explanations'>) {
  const texts = useTexts();
  const abouts = explanations.flatMap(({ about }) => (about === undefined ? [] : [texts.say(about)]));
  return (
    <p class="aside" data-live="definitions">
      {[...new Set(abouts)].join(' ')}
    </p>
  );
}

/** When the access ends, above the closed choice of the end. Empty when the choices have a problem. */
export function ChosenEnd({
  considered,
  ...view
}: Pick<SummaryProps, 'considered' | 'fields' | 'shownAt' | 'timeZone'>) {
  const texts = useTexts();
  return (
    <span data-live="end">
      {considered.outcome === 'terms' && texts('summary.ends', describeEnd(considered.terms, { ...view, texts }))}
    </span>
  );
}

export function AllowLabel({ considered, fields, updated }: Pick<SummaryProps, 'considered' | 'fields' | 'updated'>) {
  const texts = useTexts();
  if (considered.outcome !== 'terms') {
    const field = considered.problems.find(isUnticked)?.field;
    const label = field === undefined ? texts('consent.allow') : texts('consent.selectFirst', { field });
    return <span data-live="allow">{label}</span>;
  }
  const { limits } = considered.terms;
  const amount = describeMoney(limits, texts);
  const more = updated && describeMoney(findMoreMoney(updated.limits, limits), texts);
  const kind = updated === undefined ? kindOfMoney(fields) : 'same';
  const limit = amount === undefined ? 'none' : kind;
  return (
    <span data-live="allow">
      {more === undefined
        ? texts('summary.allow', { limit, amount: amount ?? '' })
        : texts('summary.allow', { limit: 'more', amount: more })}
    </span>
  );
}

/** Whether the problem is that no model or no capability is ticked. */
function isUnticked({ field }: Problem): boolean {
  return field === 'models' || field === 'capabilities';
}

/**
 * `more`: the app may spend the money in addition to what it may spend already. `some`: this is all the money that the
 * app may spend.
 */
function kindOfMoney({ existingAccess }: ConsentFields): 'more' | 'some' {
  return existingAccess === 'add' ? 'more' : 'some';
}

interface EndView {
  readonly fields: ConsentFields;
  readonly shownAt: Date;
  readonly timeZone: string;
  readonly texts: Texts;
}

/**
 * The end of the access, for a sentence. If the owner chose a day and the access lasts until the end of that day, the
 * day is named. Otherwise the instant is named.
 */
function describeEnd({ expiresAt }: GrantTerms, { fields, shownAt, timeZone, texts }: EndView) {
  const lastMoment = new Date(expiresAt.getTime() - 1);
  const isWholeDay =
    fields.expiresIn === 'date' &&
    dayOf(lastMoment, timeZone) === fields.expiresOn &&
    dayOf(expiresAt, timeZone) !== fields.expiresOn;
  return isWholeDay
    ? { end: 'day', time: texts.nearDay(lastMoment, timeZone, shownAt) }
    : { end: 'instant', time: texts.nearTime(expiresAt, timeZone, shownAt) };
}

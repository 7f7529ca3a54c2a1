import { type Capability, type GrantTerms, nameModel, shortChat, type UpstreamCatalogue } from '@aipassport/policy';
import type { ConsentFields } from '../interaction/consent-fields.js';
import type { Considered } from '../interaction/consider-choice.js';
import { dayOf } from '../limits/calendar.js';
import { limitWords } from '../limits/limit-words.js';
import { exactly, type FixedId, type Message, type Texts } from '../texts/texts.js';
import { ForeignText } from './parts.js';
import { Text, useTexts } from './text.js';

/** The data for the parts of the consent page that change while the owner edits the form. */
export interface SummaryProps {
  /**
   * The app in the sentence: a name or a host that the app did not choose freely. Undefined: the sentence says “this
   * app” or the like.
   */
  readonly appName: string | undefined;
  readonly considered: Considered;
  /** The result of `hashSummary`; empty if there is nothing that could be allowed. */
  readonly hash: string;
  readonly shownAt: Date;
  readonly fields: ConsentFields;
  /** For how many chats the money is enough. */
  readonly price: Message | undefined;
  readonly warnings: readonly Message[];
  readonly upstreams: UpstreamCatalogue;
  readonly timeZone: string;
}

/** All parts that change, for the page's script. Each part is marked with its place in the page (`data-live`). */
export function LiveParts(props: SummaryProps) {
  return (
    <>
      <Summary {...props} />
      <Price {...props} />
      <ShownChoice {...props} />
      <Choice {...props} />
      <AllowLabel {...props} />
    </>
  );
}

/** The sentence that says what is allowed, and the warnings. */
export function Summary(props: SummaryProps) {
  const texts = useTexts();
  return (
    <section id="summary" class="summary" aria-label={texts('summary.title')} aria-live="polite" data-live="summary">
      <p>
        <Sentence {...props} />
      </p>
      {props.warnings.length > 0 && (
        <ul class="warnings">
          {props.warnings.map((warning) => {
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

function Sentence({ appName, considered, fields, shownAt, upstreams, timeZone }: SummaryProps) {
  const texts = useTexts();
  const app = appName === undefined ? <Text id="consent.thisApp" /> : <ForeignText>{appName}</ForeignText>;
  if (considered.outcome === 'nothing') return <Text id="summary.nothing" app={app} />;
  if (considered.outcome === 'problems') {
    const [first] = considered.problems;
    const isScope = first === undefined || first.field === 'models' || first.field === 'capabilities';
    if (!isScope) return <>{texts.say(first.message)}</>;
    return <Text id="summary.incomplete" app={appName === undefined ? <Text id="consent.thisAppInside" /> : app} />;
  }
  const { terms } = considered;
  const actions = listActions(terms);
  const amount = describeMoney(terms, texts);
  return (
    <Text
      id="summary.sentence"
      app={app}
      what={actions.join() === 'summary.chat' ? 'chat' : 'several'}
      models={nameModels(terms, upstreams, 'summary.allModels', texts)}
      actions={texts.list(actions.map((action) => texts(action)))}
      limit={amount === undefined ? 'none' : kindOfMoney(fields)}
      amount={amount ?? ''}
      {...describeEnd(terms, { fields, shownAt, timeZone, texts })}
    />
  );
}

/** Beside the field for money: what the money is enough for. */
export function Price({ price }: Pick<SummaryProps, 'price'>) {
  const texts = useTexts();
  const { inputTokens: input, outputTokens: output } = shortChat;
  return (
    <span data-live="price">
      {price !== undefined && <span title={texts('summary.shortChat', { input, output })}>{texts.say(price)}</span>}
    </span>
  );
}

/** The hidden fields that identify the choices in the sentence. */
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
      {considered.outcome === 'terms' && nameModels(considered.terms, upstreams, 'connected.allModels', texts)}
    </span>
  );
}

export function AllowLabel({ considered, fields }: Pick<SummaryProps, 'considered' | 'fields'>) {
  const texts = useTexts();
  if (considered.outcome !== 'terms') return <span data-live="allow">{texts('consent.allow')}</span>;
  const amount = describeMoney(considered.terms, texts);
  return (
    <span data-live="allow">
      {texts('summary.allow', { limit: amount === undefined ? 'none' : kindOfMoney(fields), amount: amount ?? '' })}
    </span>
  );
}

const actionIds: Readonly<Record<Capability, FixedId>> = {
  chat: 'summary.chat',
  embeddings: 'summary.embeddings',
  images: 'summary.images',
  audio: 'summary.audio',
  code: 'summary.code',
  'tools.web': 'summary.web',
};

function listActions({ tokens }: GrantTerms): readonly FixedId[] {
  return tokens.flatMap((token) => (token.kind === 'capability' ? [actionIds[token.capability]] : []));
}

/** `more`: the app may spend the money in addition to what it may spend already. `some`: there is no such addition. */
function kindOfMoney({ existingAccess }: ConsentFields): 'more' | 'some' {
  return existingAccess === 'add' ? 'more' : 'some';
}

/** The limits on money, for a sentence; undefined when there are none. */
function describeMoney({ limits }: GrantTerms, texts: Texts): string | undefined {
  const { maxCost, maxCostPerMonth, maxCostPerDay } = limits;
  const amounts = [
    ...(maxCost === undefined ? [] : [texts.exactMoney(maxCost)]),
    ...(maxCostPerMonth === undefined
      ? []
      : [texts(limitWords.maxCostPerMonth.value, { limit: exactly(maxCostPerMonth) })]),
    ...(maxCostPerDay === undefined ? [] : [texts(limitWords.maxCostPerDay.value, { limit: exactly(maxCostPerDay) })]),
  ];
  return amounts.length === 0 ? undefined : amounts.join(', ');
}

const mostNames = 3;

/**
 * Lists the models. Of more than three, the first two are named, and the others are counted.
 * @param allModels the text for all models of a provider: in a sentence, it has another form in German
 */
function nameModels(
  { tokens }: GrantTerms,
  { labelOf }: UpstreamCatalogue,
  allModels: 'summary.allModels' | 'connected.allModels',
  texts: Texts,
): string {
  const groups = tokens.flatMap((token) =>
    token.kind === 'all-models' ? [texts(allModels, { provider: labelOf(token.upstream) })] : [],
  );
  const names = tokens.flatMap((token) => (token.kind === 'model' ? [nameModel(token.modelId)] : []));
  const all = [...groups, ...names];
  if (all.length <= mostNames) return texts.list(all);
  const named = all.slice(0, mostNames - 1);
  return texts.list([...named, texts('summary.moreModels', { count: all.length - named.length })]);
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

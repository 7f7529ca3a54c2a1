import type { Upstream } from '@aipassport/policy';
import type { ProviderKeySummary, UsageSum } from '@aipassport/store/authorization';
import { explainRefusal } from '../account/explain-refusal.js';
import { isKeyRefused, isTestOutdated } from '../account/is-key-refused.js';
import type { KeyState } from '../interaction/list-key-states.js';
import { instant, type Texts } from '../texts/texts.js';
import { KeyActions, type KeyFormsProps, NameForm } from './key-forms.js';
import { ForeignText, RelativeTime } from './parts.js';
import { Text, useTexts } from './text.js';

export interface KeyEntryProps extends Omit<KeyFormsProps, 'providerKey' | 'isSpare'> {
  readonly timeZone: string;
  readonly now: Date;
  /** The first provider key of each AI provider. Requests use it. */
  readonly keys: readonly ProviderKeySummary[];
  readonly spareKeys: readonly ProviderKeySummary[];
  /** Which provider key the owner's requests to each AI provider use. */
  readonly keyStates: readonly KeyState[];
  /** What the requests of this month with the owner's own provider keys cost, at each AI provider. */
  readonly usage: ReadonlyMap<Upstream, UsageSum>;
}

/**
 * One AI provider on the page of the provider keys: the owner's key, its use, and what the AI provider says about it.
 */
export function KeyEntry(props: KeyEntryProps) {
  const { entry, keys, usage } = props;
  const texts = useTexts();
  const key = keys.find((one) => one.upstream === entry.name);
  const used = usage.get(entry.name);
  return (
    <li>
      <div>
        <strong id={`key-${entry.name}`}>{entry.label}</strong>
        {key === undefined ? (
          <p>{describeAbsence(entry.name, { ...props, texts })}</p>
        ) : (
          <KeyUse providerKey={key} {...props} />
        )}
        {used !== undefined && (
          <p>{texts('keys.usedThisMonth', { provider: entry.label, cost: used.cost, count: used.requests })}</p>
        )}
        {key !== undefined && <KeyReports providerKey={key} {...props} />}
        {key !== undefined && <NameForm providerKey={key} {...props} />}
      </div>
      {key !== undefined && <KeyActions providerKey={key} {...props} />}
    </li>
  );
}

/** One spare key, in the list below the first key of its AI provider. */
export function SpareKeyEntry({ spareKey, ...props }: KeyEntryProps & { readonly spareKey: ProviderKeySummary }) {
  const spare = { ...props, providerKey: spareKey, isSpare: true };
  return (
    <li>
      <div>
        <strong id={`key-${spareKey.id}`}>{useTexts()('keys.spareKey', { provider: props.entry.label })}</strong>
        <KeyUse {...spare} />
        <KeyReports {...spare} />
        <NameForm {...spare} />
      </div>
      <KeyActions {...spare} />
    </li>
  );
}

type OwnKeyProps = KeyEntryProps & KeyFormsProps;

function KeyUse({ providerKey, timeZone, now }: OwnKeyProps) {
  const { name, lastFour, createdAt, lastUsedAt, host } = providerKey;
  const key = <code>…{lastFour}</code>;
  const added = <RelativeTime at={createdAt} timeZone={timeZone} now={now} />;
  return (
    <>
      {name !== undefined && (
        <p>
          <ForeignText>{name}</ForeignText>
        </p>
      )}
      <p>
        {lastUsedAt === undefined ? (
          <Text id="keys.unused" ending={key} added={added} host={host} />
        ) : (
          <Text
            id="keys.used"
            ending={key}
            added={added}
            used={<RelativeTime at={lastUsedAt} timeZone={timeZone} now={now} />}
            host={host}
          />
        )}
      </p>
    </>
  );
}

/**
 * What the AI provider said about the provider key when a request used it, and what it said when the key was tested.
 */
function KeyReports({ providerKey, entry, timeZone, now }: OwnKeyProps) {
  const { refused, test } = providerKey;
  const provider = entry.label;
  return (
    <>
      {refused !== undefined && isKeyRefused(providerKey) && (
        <p class="warning">
          <Text
            id={describeRefusal(refused)}
            provider={provider}
            time={<RelativeTime at={refused.at} timeZone={timeZone} now={now} />}
            reason={<code>{refused.reason}</code>}
          />
        </p>
      )}
      {test !== undefined && !isTestOutdated(providerKey) && (
        <p class={test.verdict === undefined || test.verdict === 'accepted' ? undefined : 'warning'}>
          <Text
            id={describeTest(test, now)}
            provider={provider}
            time={<RelativeTime at={test.at} timeZone={timeZone} now={now} />}
          />
        </p>
      )}
    </>
  );
}

const refusals = {
  invalid: 'keys.refusedInvalid',
  unpaid: 'keys.refusedUnpaid',
  billing: 'keys.refusedBilling',
  forbidden: 'keys.refusedForbidden',
} as const;

function describeRefusal({ reason }: NonNullable<ProviderKeySummary['refused']>) {
  const explanation = explainRefusal(reason);
  return explanation === undefined ? 'keys.refused' : refusals[explanation];
}

/**
 * The owner asks for a test on this page, and a resource proxy carries it out, because only proxies can open provider
 * keys. No proxy begins a test that was asked for longer ago than this: see `takeKeyTests`.
 */
const testMilliseconds = 60_000;

const verdicts = {
  accepted: 'keys.testAccepted',
  refused: 'keys.testRefused',
  unpaid: 'keys.testUnpaid',
  unknown: 'keys.testUnknown',
  unusable: 'keys.testUnusable',
} as const;

function describeTest({ at, verdict }: NonNullable<ProviderKeySummary['test']>, now: Date) {
  if (verdict !== undefined) return verdicts[verdict];
  return now.getTime() - at.getTime() < testMilliseconds ? 'keys.testRunning' : 'keys.testUnanswered';
}

/** What happens to requests for the models of an AI provider for which the owner has no key. */
export function describeAbsence(
  upstream: Upstream,
  { keyStates, timeZone, texts }: Pick<KeyEntryProps, 'keyStates' | 'timeZone'> & { readonly texts: Texts },
): string {
  const state = keyStates.find((one) => one.upstream === upstream);
  switch (state?.kind) {
    case 'server':
      return texts('keys.operatorKey');
    case 'server_used_up':
      return texts('keys.operatorKeyUsedUp', { at: instant(state.until, timeZone), timeZone });
    case 'simulated':
      return texts('keys.simulated');
    default:
      return texts('keys.none');
  }
}

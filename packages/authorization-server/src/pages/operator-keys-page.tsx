import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type { OperatorCaps, OperatorKeyState, OperatorSpending } from '@aipassport/store/authorization';
import { explainRefusal } from '../account/explain-refusal.js';
import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { exactly } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import { CapField, CapUse } from './operator-caps.js';
import { OperatorNavigation, type OperatorPageProps, OperatorTable, type TableRow } from './operator-parts.js';
import { ErrorSummary, Notice, type Problem, RelativeTime, Shown, TimeZoneNote } from './parts.js';
import { Text } from './text.js';

interface OperatorKeysPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  /** The operator's provider keys that the running proxies have. */
  readonly keys: readonly OperatorKeyState[];
  /** The AI providers for which the setting `OPERATOR_KEYS_FOR` says that there is an operator's key. */
  readonly offered: readonly Upstream[];
  readonly upstreams: UpstreamCatalogue;
  readonly spending: OperatorSpending;
  readonly caps: OperatorCaps;
  /** The caps that the environment sets. */
  readonly bounds: OperatorCaps;
  /** The texts of the caps that are stored. */
  readonly current: Readonly<Record<keyof OperatorCaps, string>>;
  /** The texts in the fields. */
  readonly typed: Readonly<Record<keyof OperatorCaps, string>>;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderOperatorKeysPage(props: OperatorKeysPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems, timeZone } = props;
  const title = texts('operator.keysTitle');
  const rows = listKeys(props);
  const heads = ['operator.provider', 'operator.state', 'operator.source', 'operator.refused'] as const;
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <OperatorNavigation current="operatorKeys" />
        <h1>{title}</h1>
        <p>{texts('operator.keysAbout')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          {rows.length === 0 ? (
            <p>{texts('operator.noKeys')}</p>
          ) : (
            <OperatorTable label={title} heads={heads.map((head) => texts(head))} rows={rows} />
          )}
        </article>
        <Caps {...props} />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

/** A row for each AI provider for which the running proxies have a provider key, and for each one in `offered`. */
function listKeys({ keys, offered, upstreams, texts, timeZone, now }: OperatorKeysPageProps): readonly TableRow[] {
  const names = [...new Set([...keys.map(({ upstream }) => upstream), ...offered])];
  return names.map((upstream) => {
    const key = keys.find((one) => one.upstream === upstream);
    const refused = key?.refused;
    return {
      key: upstream,
      cells: [
        upstreams.labelOf(upstream),
        describeState(key, { isOffered: offered.includes(upstream), texts }),
        key === undefined ? '–' : texts.list(key.sources.map((source) => texts(sourceTexts[source]))),
        refused === undefined ? (
          texts('operator.notRefused')
        ) : (
          <Text
            id={refusals[explainRefusal(refused.reason) ?? 'other']}
            time={<RelativeTime at={refused.at} timeZone={timeZone} now={now} />}
            reason={<code>{refused.reason}</code>}
          />
        ),
      ],
    };
  });
}

const refusals = {
  invalid: 'operator.refusedInvalid',
  unpaid: 'operator.refusedUnpaid',
  billing: 'operator.refusedBilling',
  forbidden: 'operator.refusedForbidden',
  other: 'operator.refusedOtherwise',
} as const;

const sourceTexts = { environment: 'operator.sourceEnvironment', file: 'operator.sourceFile' } as const;

function describeState(
  key: OperatorKeyState | undefined,
  { isOffered, texts }: { readonly isOffered: boolean; readonly texts: Texts },
): string {
  if (key === undefined) return texts('operator.keyMissing');
  const { proxies, running, refused } = key;
  if (proxies < running) return texts('operator.keyAtSome', { proxies, running });
  if (refused !== undefined) return texts('operator.keyRefused');
  return texts(isOffered ? 'operator.keyServes' : 'operator.keyNotOffered');
}

function Caps(props: OperatorKeysPageProps) {
  const { texts, csrfToken, caps, bounds, current, typed, spending, problems } = props;
  return (
    <article>
      <h2>{texts('operator.capsTitle')}</h2>
      <p>{texts('operator.capsAbout')}</p>
      <CapUse spending={spending} caps={[caps.ofAll, bounds.ofAll]} />
      <form method="post" action={paths.operatorCaps} noValidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={current} />
        <CapField
          name="cap_of_all_usd"
          heading="operator.capOfAll"
          text={typed.ofAll}
          hint={describeBound(bounds.ofAll, texts)}
          problems={problems}
        />
        <CapField
          name="cap_of_account_usd"
          heading="operator.capOfAccount"
          text={typed.ofAccount}
          hint={describeBound(bounds.ofAccount, texts)}
          problems={problems}
        />
        <Confirmation problems={problems} />
        <button type="submit">{texts('operator.saveCaps')}</button>
      </form>
    </article>
  );
}

function describeBound(bound: bigint | undefined, texts: Texts): string {
  return bound === undefined ? texts('operator.capHint') : texts('operator.capBoundHint', { bound: exactly(bound) });
}

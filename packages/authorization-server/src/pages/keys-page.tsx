import type { Upstream, UpstreamCatalogue, UpstreamEntry } from '@aipassport/policy';
import type { ProviderKeySummary } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import {
  described,
  ErrorSummary,
  FieldProblem,
  invalidity,
  Notice,
  type Problem,
  RelativeTime,
  Shown,
  TimeZoneNote,
} from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface KeysPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly keys: readonly ProviderKeySummary[];
  /** The AI providers for which the operator's provider key serves owners who have none of their own. */
  readonly operatorKeysFor: readonly Upstream[];
  readonly simulatedUpstream: boolean;
  readonly upstreams: UpstreamCatalogue;
  /** Whether adding a provider key requires the password, because the last sign-in is not recent. */
  readonly asksForPassword: boolean;
  /**
   * The path of the app's request for which the owner adds a key; undefined when the owner did not come from a request.
   */
  readonly returnTo?: string | undefined;
  readonly chosenUpstream?: Upstream | undefined;
  /** Whether the owner may save a key that the AI provider has just refused. */
  readonly offersToKeep?: boolean;
  /** What the requests of this month cost at each AI provider, in nano-US-dollars. */
  readonly spending: ReadonlyMap<Upstream, bigint>;
  /** The AI provider whose provider key is deleted once the owner has given the password. */
  readonly deleting?: Upstream;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderKeysPage(props: KeysPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems, keys, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('keys.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('keys.title')}</h1>
        <p>{texts('keys.about')}</p>
        {props.returnTo !== undefined && <BackToRequest path={props.returnTo} />}
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        {props.returnTo !== undefined && <KeyForm {...props} />}
        <article>
          <ul class="keys">
            {props.upstreams.entries.map((entry) => (
              <KeyOf key={entry.name} entry={entry} {...props} />
            ))}
          </ul>
        </article>
        {props.returnTo === undefined && <KeyForm {...props} />}
        {keys.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

/** The way back to the app's request, which keeps the owner's choices. */
function BackToRequest({ path }: { readonly path: string }) {
  return (
    <p>
      <Text id="keys.forRequest" link={<a href={path} />} />
    </p>
  );
}

type KeyProps = KeysPageProps & { readonly entry: UpstreamEntry };

function KeyOf(props: KeyProps) {
  const { entry, texts, keys, timeZone, now, csrfToken, deleting, problems } = props;
  const { name: upstream, label } = entry;
  const key = keys.find((one) => one.upstream === upstream);
  const nameId = `key-${upstream}`;
  const spent = props.spending.get(upstream);
  return (
    <li>
      <div>
        <strong id={nameId}>{label}</strong>
        {key === undefined ? (
          <p>{texts(describeAbsence(upstream, props))}</p>
        ) : (
          <KeyUse providerKey={key} timeZone={timeZone} now={now} />
        )}
        {spent !== undefined && <p>{texts('keys.spentThisMonth', { cost: spent })}</p>}
        {key?.refused !== undefined && (
          <p class="warning">
            <Text
              id="keys.refused"
              provider={label}
              time={<RelativeTime at={key.refused.at} timeZone={timeZone} now={now} />}
              reason={<code>{key.refused.reason}</code>}
            />
          </p>
        )}
      </div>
      {key !== undefined && (
        <form method="post" action={formatPath(paths.keyDeletion, upstream)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <Shown values={describeShownKey(key)} />
          {deleting === upstream && <Confirmation problems={problems} />}
          <button type="submit" class="danger" aria-describedby={nameId}>
            {texts('keys.delete')}
          </button>
        </form>
      )}
    </li>
  );
}

type KeyUseProps = Pick<KeysPageProps, 'timeZone' | 'now'> & { readonly providerKey: ProviderKeySummary };

function KeyUse({ providerKey, timeZone, now }: KeyUseProps) {
  const { lastFour, createdAt, lastUsedAt, host } = providerKey;
  const key = <code>…{lastFour}</code>;
  const added = <RelativeTime at={createdAt} timeZone={timeZone} now={now} />;
  return (
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
  );
}

function describeAbsence(
  upstream: Upstream,
  { operatorKeysFor, simulatedUpstream }: Pick<KeysPageProps, 'operatorKeysFor' | 'simulatedUpstream'>,
): FixedId {
  if (operatorKeysFor.includes(upstream)) return 'keys.operatorKey';
  return simulatedUpstream ? 'keys.simulated' : 'keys.none';
}

function KeyForm(props: KeysPageProps) {
  const { texts, csrfToken, chosenUpstream, problems, upstreams, asksForPassword, deleting, returnTo } = props;
  return (
    <article>
      <h2>{texts('keys.addTitle')}</h2>
      <form method="post" action={paths.keys} autocomplete="off">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {returnTo !== undefined && <input type="hidden" name="return_to" value={returnTo} />}
        <label for="upstream">{texts('keys.provider')}</label>
        <select id="upstream" name="upstream" required {...invalidity(problems, 'upstream')}>
          {upstreams.entries.map(({ name, label }) => (
            <option key={name} value={name} selected={name === chosenUpstream}>
              {label}
            </option>
          ))}
        </select>
        <label for="key">{texts('keys.key')}</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          maxLength={512}
          required
          {...described(problems, 'key')}
        />
        <FieldProblem problems={problems} field="key" />
        <small id="key-hint">{texts('keys.replaces')}</small>
        <KeyPages upstreams={upstreams} />
        {props.offersToKeep && (
          <label>
            <input type="checkbox" name="keep_refused" value="yes" />
            {texts('keys.keepRefused')}
          </label>
        )}
        {asksForPassword && deleting === undefined && <Confirmation problems={problems} isAsked returnTo={returnTo} />}
        <button type="submit">{texts('keys.add')}</button>
      </form>
    </article>
  );
}

/** The pages on which the AI providers issue keys. */
function KeyPages({ upstreams }: Pick<KeysPageProps, 'upstreams'>) {
  const known = upstreams.entries.flatMap(({ keysPage, ...entry }) => (keysPage ? [{ ...entry, keysPage }] : []));
  if (known.length === 0) return null;
  return (
    <p class="aside key-pages">
      {useTexts()('keys.whereFrom')}
      {known.map(({ name, label, keysPage }) => (
        <a key={name} href={keysPage} target="_blank" rel="noreferrer noopener">
          {label}
        </a>
      ))}
    </p>
  );
}

/** The values by which a provider key differs from its replacement. */
export function describeShownKey({ lastFour, createdAt }: ProviderKeySummary): unknown {
  return [lastFour, createdAt.getTime()];
}

import type { Upstream, UpstreamCatalogue, UpstreamEntry } from '@aipassport/policy';
import { Fragment } from 'preact';
import { paths } from '../endpoints.js';
import type { FixedId, Message, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { describeAbsence, KeyEntry, type KeyEntryProps, SpareKeyEntry } from './key-entry.js';
import { renderPage, type SignedIn } from './layout.js';
import { described, ErrorSummary, FieldProblem, invalidity, Notice, TimeZoneNote } from './parts.js';
import { ShownKeys } from './shown-keys.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface KeysPageProps extends Omit<KeyEntryProps, 'entry'> {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly upstreams: UpstreamCatalogue;
  /** Whether adding a provider key requires the password, because the last sign-in is not recent. */
  readonly asksForPassword: boolean;
  readonly chosenUpstream?: Upstream | undefined;
  readonly chosenName?: string;
  /** Whether the owner may save a provider key that the AI provider has just refused. */
  readonly offersToKeep?: boolean;
  /** Whether the owner has ticked the checkbox for saving such a provider key. */
  readonly keepsRefused?: boolean;
  /** Whether the owner has ticked the checkbox for adding a spare key. */
  readonly asSpare?: boolean;
  readonly notice: Message | undefined;
}

export function renderKeysPage(props: KeysPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems, keys, timeZone } = props;
  const withKey = props.upstreams.entries.filter(({ name }) => hasEntry(props, name));
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
        {notice !== undefined && <Notice>{texts.say(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        {props.returnTo !== undefined && <KeyForm {...props} />}
        <article>
          <ul class="keys">
            {withKey.map((entry) => (
              <Fragment key={entry.name}>
                <KeyEntry entry={entry} {...props} />
                {props.spareKeys
                  .filter(({ upstream }) => upstream === entry.name)
                  .map((spareKey) => (
                    <SpareKeyEntry key={spareKey.id} spareKey={spareKey} entry={entry} {...props} />
                  ))}
              </Fragment>
            ))}
            {[...groupByAbsence(props)].map(([absence, entries]) => (
              <li key={absence}>
                <div>
                  <strong>{entries.map(({ label }) => label).join(', ')}</strong>
                  <p>{absence}</p>
                </div>
              </li>
            ))}
          </ul>
        </article>
        {props.returnTo === undefined && <KeyForm {...props} />}
        {keys.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

/** An AI provider is listed by itself if the owner has a key for it, or has used one this month. */
function hasEntry({ keys, usage }: KeysPageProps, upstream: Upstream): boolean {
  return keys.some((key) => key.upstream === upstream) || usage.has(upstream);
}

/** The other AI providers, by what happens to the requests for their models. */
function groupByAbsence(props: KeysPageProps): ReadonlyMap<string, readonly UpstreamEntry[]> {
  const others = props.upstreams.entries.filter(({ name }) => !hasEntry(props, name));
  return Map.groupBy(others, ({ name }) => describeAbsence(name, props));
}

/** The link back to the app's request. The request still has the owner's choices. */
function BackToRequest({ path }: { readonly path: string }) {
  return (
    <p>
      <Text id="keys.forRequest" link={<a href={path} />} />
    </p>
  );
}

function KeyForm(props: KeysPageProps) {
  const { texts, csrfToken, chosenUpstream, problems, upstreams, asksForPassword, returnTo } = props;
  const hints: readonly FixedId[] = [
    ...(props.chosenName === undefined ? [] : (['keys.again'] as const)),
    ...(props.keys.length === 0 ? [] : (['keys.replaces'] as const)),
  ];
  return (
    <article>
      <h2>{texts('keys.addTitle')}</h2>
      <form method="post" action={paths.keys} autocomplete="off">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {returnTo !== undefined && <input type="hidden" name="return_to" value={returnTo} />}
        <ShownKeys keys={[...props.keys, ...props.spareKeys]} />
        <label for="upstream">{texts('keys.provider')}</label>
        <select id="upstream" name="upstream" required {...invalidity(problems, 'upstream')}>
          {upstreams.entries.map(({ name, label }) => (
            <option key={name} value={name} selected={name === chosenUpstream}>
              {label}
            </option>
          ))}
        </select>
        <FieldProblem problems={problems} field="upstream" />
        <label for="key">{texts('keys.key')}</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          maxLength={512}
          required
          {...(hints.length === 0 ? invalidity(problems, 'key') : described(problems, 'key'))}
        />
        <FieldProblem problems={problems} field="key" />
        {hints.length > 0 && <small id="key-hint">{hints.map((hint) => texts(hint)).join(' ')}</small>}
        <KeyPages upstreams={upstreams} />
        <label for="name">{texts('keys.nameOptional')}</label>
        <input
          id="name"
          name="name"
          value={props.chosenName ?? ''}
          maxLength={60}
          autocomplete="off"
          {...invalidity(problems, 'name')}
        />
        <FieldProblem problems={problems} field="name" />
        {props.keys.length > 0 && (
          <label>
            <input type="checkbox" name="as_spare" value="yes" checked={props.asSpare === true} />
            {texts('keys.asSpare')}
          </label>
        )}
        {props.offersToKeep && (
          <label>
            <input type="checkbox" name="keep_refused" value="yes" checked={props.keepsRefused === true} />
            {texts('keys.keepRefused')}
          </label>
        )}
        {asksForPassword && <Confirmation problems={problems} isAsked returnTo={returnTo} />}
        <button type="submit">{texts('keys.add')}</button>
      </form>
    </article>
  );
}

/** The pages on which the AI providers issue provider keys. */
function KeyPages({ upstreams }: Pick<KeysPageProps, 'upstreams'>) {
  const known = upstreams.entries.flatMap(({ keysPage, ...entry }) => (keysPage ? [{ ...entry, keysPage }] : []));
  if (known.length === 0) return null;
  return (
    <p class="aside links key-pages">
      <span>{useTexts()('keys.whereFrom')}</span>
      {known.map(({ name, label, keysPage }) => (
        <a key={name} href={keysPage} target="_blank" rel="noreferrer noopener">
          {label}
        </a>
      ))}
    </p>
  );
}

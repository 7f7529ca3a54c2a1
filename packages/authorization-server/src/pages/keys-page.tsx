import type { Upstream, UpstreamCatalogue, UpstreamEntry } from '@aipassport/policy';
import type { ProviderKeySummary } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, type Problem, Time, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface KeysPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly keys: readonly ProviderKeySummary[];
  /** The AI providers for which the operator's provider key serves owners who have none of their own. */
  readonly operatorKeysFor: readonly Upstream[];
  readonly simulatedUpstream: boolean;
  readonly upstreams: UpstreamCatalogue;
  /** The address to sign in again before changing provider keys; undefined when the last sign-in is recent. */
  readonly signInAgainPath: string | undefined;
  readonly chosenUpstream: Upstream | undefined;
  readonly notice: string | undefined;
  readonly problems: readonly Problem[];
}

export function renderKeysPage(props: KeysPageProps): string {
  const { stylesheet, signedIn, notice, problems, signInAgainPath, keys, timeZone } = props;
  return renderPage({
    stylesheet,
    title: 'Provider keys',
    signedIn,
    children: (
      <>
        <h1>Provider keys</h1>
        <p>
          Your API keys at AI providers. Each is sealed the moment it arrives: this server cannot read it back, and no
          app ever sees it.
        </p>
        {notice !== undefined && <Notice>{notice}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          <ul class="keys">
            {props.upstreams.entries.map((entry) => (
              <KeyOf key={entry.name} entry={entry} {...props} />
            ))}
          </ul>
        </article>
        {signInAgainPath === undefined ? <KeyForm {...props} /> : <SignInAgain path={signInAgainPath} />}
        {keys.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

type KeyProps = KeysPageProps & { readonly entry: UpstreamEntry };

function KeyOf({ entry, keys, timeZone, csrfToken, operatorKeysFor, simulatedUpstream, signInAgainPath }: KeyProps) {
  const { name: upstream, label } = entry;
  const key = keys.find((one) => one.upstream === upstream);
  const nameId = `key-${upstream}`;
  return (
    <li>
      <div>
        <strong id={nameId}>{label}</strong>
        {key === undefined ? (
          <p>{describeAbsence(upstream, operatorKeysFor, simulatedUpstream)}</p>
        ) : (
          <KeyUse providerKey={key} timeZone={timeZone} />
        )}
        {key?.refused !== undefined && (
          <p class="warning">
            {label} refused a request with this key on <Time at={key.refused.at} timeZone={timeZone} />. Look at your
            account there, or replace the key. It said: <code>{key.refused.reason}</code>
          </p>
        )}
      </div>
      {key !== undefined && signInAgainPath === undefined && (
        <form method="post" action={formatPath(paths.keyDeletion, upstream)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <button type="submit" class="danger" aria-describedby={nameId}>
            Delete
          </button>
        </form>
      )}
    </li>
  );
}

function KeyUse({ providerKey, timeZone }: { readonly providerKey: ProviderKeySummary; readonly timeZone: string }) {
  return (
    <p>
      <code>…{providerKey.lastFour}</code> added <Time at={providerKey.createdAt} timeZone={timeZone} />,{' '}
      {providerKey.lastUsedAt === undefined ? (
        'never used'
      ) : (
        <>
          last used <Time at={providerKey.lastUsedAt} timeZone={timeZone} />
        </>
      )}
      . For {providerKey.host} only.
    </p>
  );
}

function describeAbsence(upstream: Upstream, operatorKeysFor: readonly Upstream[], simulated: boolean): string {
  if (operatorKeysFor.includes(upstream)) return 'The operator’s key is used. Add your own to use that instead.';
  if (simulated) return 'No key: answers are simulated. Add one for real answers.';
  return 'No key yet: apps cannot use these models.';
}

function SignInAgain({ path }: { readonly path: string }) {
  return (
    <article>
      <p>You signed in a while ago. Before keys can be changed, confirm that it is still you.</p>
      <a role="button" href={path}>
        Confirm with your password
      </a>
    </article>
  );
}

function KeyForm({ csrfToken, chosenUpstream, problems, upstreams }: KeysPageProps) {
  return (
    <article>
      <h2>Add a key</h2>
      <form method="post" action={paths.keys} autocomplete="off">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="upstream">AI provider</label>
        <select id="upstream" name="upstream" required {...invalidity(problems, 'upstream')}>
          {upstreams.entries.map(({ name, label }) => (
            <option key={name} value={name} selected={name === chosenUpstream}>
              {label}
            </option>
          ))}
        </select>
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          maxLength={512}
          required
          {...invalidity(problems, 'key')}
        />
        <FieldProblem problems={problems} field="key" />
        <small>A key that is there already for the same provider is replaced.</small>
        <button type="submit">Add key</button>
      </form>
    </article>
  );
}

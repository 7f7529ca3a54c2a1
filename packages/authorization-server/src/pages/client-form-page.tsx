import type { OwnedClientType } from '@aipassport/store/authorization';
import { Fragment } from 'preact';
import { type ClientEntry, siteFields } from '../developers/client-entry.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { described, ErrorSummary, FieldProblem, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface ClientFormPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** The path to which the form is sent. */
  readonly action: string;
  readonly back: { readonly path: string; readonly text: FixedId };
  /**
   * The stored client that the form changes; undefined when it registers a new one. The type of a registered client
   * cannot be changed.
   */
  readonly current: ClientEntry | undefined;
  /** Whether the operator vouches for the stored client. Changing the client ends this. */
  readonly isApproved: boolean;
  readonly entry: ClientEntry;
  readonly problems: readonly Problem[];
}

export const clientTypeNames = {
  web: 'clients.web',
  spa: 'clients.spa',
  terminal: 'clients.terminal',
} as const satisfies Readonly<Record<OwnedClientType, FixedId>>;

const typeHints = {
  web: 'clients.webHint',
  spa: 'clients.spaHint',
  terminal: 'clients.terminalHint',
} as const satisfies Readonly<Record<OwnedClientType, FixedId>>;

const siteLabels = {
  site: 'clients.siteField',
  policy_uri: 'clients.policyField',
  tos_uri: 'clients.termsField',
} as const satisfies Readonly<Record<keyof ClientEntry['sites'], FixedId>>;

const types = ['web', 'spa', 'terminal'] as const;

export function renderClientFormPage(props: ClientFormPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, action, back, current, entry, problems } = props;
  const isNew = current === undefined;
  const title = texts(isNew ? 'clients.register' : 'clients.edit');
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={back.path}>{texts(back.text)}</a>
        </p>
        <h1>{title}</h1>
        <ErrorSummary problems={problems} />
        <article>
          <form method="post" action={action}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            {isNew ? <Types {...props} /> : <Shown values={current} />}
            <label for="name">{texts('clients.name')}</label>
            <input id="name" name="name" required maxLength={100} value={entry.name} {...described(problems, 'name')} />
            <FieldProblem problems={problems} field="name" />
            <small id="name-hint">{texts('clients.nameHint')}</small>
            <Sites {...props} />
            <label for="redirect_uris">{texts('clients.redirects')}</label>
            <textarea
              id="redirect_uris"
              name="redirect_uris"
              rows={3}
              maxLength={20_000}
              spellcheck={false}
              {...described(problems, 'redirect_uris')}
              value={entry.redirectUris.join('\n')}
            />
            <FieldProblem problems={problems} field="redirect_uris" />
            <small id="redirect_uris-hint">{texts('clients.redirectsHint')}</small>
            {props.isApproved && <p class="warning">{texts('clients.endsApproval')}</p>}
            <Confirmation problems={problems} />
            <button type="submit">{texts(isNew ? 'clients.register' : 'clients.save')}</button>
          </form>
        </article>
      </>
    ),
  });
}

function Sites({ texts, entry, problems }: ClientFormPageProps) {
  return (
    <>
      {siteFields.map((field) => (
        <Fragment key={field}>
          <label for={field}>{texts(siteLabels[field])}</label>
          <input
            id={field}
            name={field}
            type="url"
            maxLength={2000}
            value={entry.sites[field]}
            {...described(problems, field)}
          />
          <FieldProblem problems={problems} field={field} />
          <small id={`${field}-hint`}>{texts('clients.siteHint')}</small>
        </Fragment>
      ))}
    </>
  );
}

function Types({ texts, entry, problems }: ClientFormPageProps) {
  return (
    <fieldset id="type" tabIndex={-1}>
      <legend>{texts('clients.type')}</legend>
      <FieldProblem problems={problems} field="type" />
      {types.map((type) => (
        <div key={type} class="choice">
          <label for={`type-${type}`}>
            <input
              id={`type-${type}`}
              type="radio"
              name="type"
              value={type}
              required
              checked={entry.type === type}
              aria-describedby={`type-${type}-hint`}
            />
            <span>
              {texts(clientTypeNames[type])}
              <small id={`type-${type}-hint`} class="choice-hint">
                {texts(typeHints[type])}
              </small>
            </span>
          </label>
        </div>
      ))}
    </fieldset>
  );
}

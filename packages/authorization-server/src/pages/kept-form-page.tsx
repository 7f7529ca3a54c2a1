import type { KeptEntry } from '../account/describe-kept-form.js';
import type { KeptSubject } from '../account/find-kept-subject.js';
import { homePath } from '../account/return-to.js';
import type { FixedId } from '../texts/texts.js';
import { renderPage } from './layout.js';
import type { OperatorPageProps } from './operator-parts.js';
import { ForeignText } from './parts.js';

export interface KeptFormProps extends OperatorPageProps {
  readonly csrfToken: string;
  /** Where the form was sent. */
  readonly action: string;
  /** The fields of the form and their values. */
  readonly fields: readonly (readonly [string, string])[];
}

export interface KeptFormPageProps extends KeptFormProps {
  /** The name of the act that the form asks for. */
  readonly act?: FixedId | undefined;
  /** What the form changes; undefined for a form about the account itself. */
  readonly subject: KeptSubject | undefined;
  /** The contents of the form, in words. */
  readonly entries: readonly KeptEntry[];
}

/** Asks an owner who has signed in again whether to send the form that was kept, and says what the form does. */
export function renderKeptFormPage(props: KeptFormPageProps): string {
  const { texts, csrfToken, action, fields, act, ...page } = props;
  return renderPage({
    ...page,
    texts,
    title: texts('password.continueTitle'),
    children: (
      <article class="narrow kept-form">
        <h1>{texts('password.continueTitle')}</h1>
        <p>{texts('password.continueAbout')}</p>
        {act !== undefined && <h2>{texts(act)}</h2>}
        <KeptAct {...props} />
        <form method="post" action={action}>
          <KeptFields csrfToken={csrfToken} fields={fields} />
          <button type="submit">{texts('password.continue')}</button>
        </form>
        <p class="links">
          <a href={homePath}>{texts('password.discard')}</a>
        </p>
      </article>
    ),
  });
}

/** What the form changes, what the change does, and the contents of the form. */
export function KeptAct({ subject, entries, texts }: Pick<KeptFormPageProps, 'subject' | 'entries' | 'texts'>) {
  return (
    <>
      {subject !== undefined && (
        <p>
          <strong>
            <ForeignText>{subject.name}</ForeignText>
          </strong>
        </p>
      )}
      {subject?.about !== undefined && <p>{texts.say(subject.about)}</p>}
      <Entries entries={entries} />
    </>
  );
}

function Entries({ entries }: Pick<KeptFormPageProps, 'entries'>) {
  if (entries.length === 0) return null;
  return (
    <dl>
      {entries.map(({ label, values }) => (
        <div key={label}>
          <dt>{label}</dt>
          {values.map((value) => (
            <dd key={value}>
              <ForeignText>{value}</ForeignText>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** The contents of a form, in hidden fields. */
export function KeptFields({ csrfToken, fields }: Pick<KeptFormProps, 'csrfToken' | 'fields'>) {
  return (
    <>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      {fields.map(([name, value]) => (
        <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

import type { FixedId } from '../texts/texts.js';
import { renderPage } from './layout.js';
import type { OperatorPageProps } from './operator-parts.js';

export interface KeptFormProps extends OperatorPageProps {
  readonly csrfToken: string;
  /** Where the form was sent. */
  readonly action: string;
  /** The fields of the form and their values. */
  readonly fields: readonly (readonly [string, string])[];
}

interface KeptFormPageProps extends KeptFormProps {
  /** The name of the act that the form asks for. */
  readonly act?: FixedId | undefined;
}

/** Asks an owner who has signed in again whether to go on with the form that was sent before. */
export function renderKeptFormPage(props: KeptFormPageProps): string {
  const { texts, csrfToken, action, fields, act, ...page } = props;
  return renderPage({
    ...page,
    texts,
    title: texts('password.continueTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('password.continueTitle')}</h1>
        <p>{texts('password.continueAbout')}</p>
        {act !== undefined && <h2>{texts(act)}</h2>}
        <form method="post" action={action}>
          <KeptFields csrfToken={csrfToken} fields={fields} />
          <button type="submit">{texts('password.continue')}</button>
        </form>
      </article>
    ),
  });
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

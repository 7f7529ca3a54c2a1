import type { UpstreamEntry } from '@aipassport/policy';
import type { ProviderKeySummary } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { FieldProblem, invalidity, type Problem, Shown } from './parts.js';
import { describeShownKey } from './shown-keys.js';
import { useTexts } from './text.js';

export interface KeyFormsProps {
  readonly entry: UpstreamEntry;
  readonly providerKey: ProviderKeySummary;
  readonly isSpare?: boolean;
  readonly csrfToken: string;
  /** A name that was refused. `of`: the AI provider of a first key, or the identifier of a spare key. */
  readonly typedName?: { readonly of: string; readonly name: string };
  /** The path of the app's request for which the owner is here. */
  readonly returnTo?: string | undefined;
  readonly problems: readonly Problem[];
}

/** The hidden fields of each form about a provider key. */
function KeyFields({ providerKey, csrfToken, returnTo }: KeyFormsProps) {
  return (
    <>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      {returnTo !== undefined && <input type="hidden" name="return_to" value={returnTo} />}
      <Shown values={describeShownKey(providerKey)} />
    </>
  );
}

/** The targets of the forms about a provider key, and the value that identifies the key in them. */
function describeForms({ entry, providerKey, isSpare = false }: KeyFormsProps) {
  const value = isSpare ? providerKey.id : entry.name;
  const to = (template: string) => formatPath(template, value);
  return isSpare
    ? {
        value,
        test: to(paths.spareKeyTest),
        name: to(paths.spareKeyName),
        deletion: to(paths.spareKeyDeletion),
        first: to(paths.spareKeyFirst),
      }
    : { value, test: to(paths.keyTest), name: to(paths.keyName), deletion: to(paths.keyDeletion), first: undefined };
}

/** The buttons of a provider key. */
export function KeyActions(props: KeyFormsProps) {
  const texts = useTexts();
  const forms = describeForms(props);
  const nameId = `key-${forms.value}`;
  return (
    <div class="key-actions">
      {forms.first !== undefined && (
        <form method="post" action={forms.first}>
          <KeyFields {...props} />
          <button type="submit" class="secondary outline" aria-describedby={nameId}>
            {texts('keys.putFirst')}
          </button>
        </form>
      )}
      <form method="post" action={forms.test}>
        <KeyFields {...props} />
        <button type="submit" class="secondary outline" aria-describedby={nameId}>
          {texts('keys.test')}
        </button>
      </form>
      <form method="post" action={forms.deletion}>
        <KeyFields {...props} />
        <button type="submit" class="danger" aria-describedby={nameId}>
          {texts('keys.delete')}
        </button>
      </form>
    </div>
  );
}

/** The form that names a provider key. */
export function NameForm(props: KeyFormsProps) {
  const { providerKey, typedName, problems } = props;
  const texts = useTexts();
  const forms = describeForms(props);
  const field = `name-${forms.value}`;
  return (
    <details open={problems.some((problem) => problem.field === field)}>
      <summary aria-describedby={`key-${forms.value}`}>
        {texts(providerKey.name === undefined ? 'keys.addName' : 'keys.rename')}
      </summary>
      <form method="post" action={forms.name}>
        <KeyFields {...props} />
        <label for={field}>{texts('keys.name')}</label>
        <input
          id={field}
          name="name"
          value={typedName?.of === forms.value ? typedName.name : (providerKey.name ?? '')}
          maxLength={60}
          autocomplete="off"
          {...invalidity(problems, field)}
        />
        <FieldProblem problems={problems} field={field} />
        <button type="submit">{texts('common.save')}</button>
      </form>
    </details>
  );
}

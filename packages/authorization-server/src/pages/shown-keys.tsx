import type { ProviderKeySummary } from '@aipassport/store/authorization';
import { hashShown } from '../account/shown-values.js';
import { type Form, fieldList } from '../read-form.js';

/**
 * Repeated: one hash for each stored provider key that the page showed, because the form can replace any one of them.
 */
const field = 'shown_key';

/** The fields with which the form for a new provider key says which provider keys its page showed. */
export function ShownKeys({ keys }: { readonly keys: readonly ProviderKeySummary[] }) {
  return (
    <>
      {keys.map((key) => (
        <input key={key.id} type="hidden" name={field} value={hashKey(key)} />
      ))}
    </>
  );
}

/** Whether the page with this form showed the provider key as it is now. */
export function isKeyShown(form: Form, key: ProviderKeySummary): boolean {
  return fieldList(form, field).includes(hashKey(key));
}

function hashKey(key: ProviderKeySummary): string {
  return hashShown([key.upstream, describeShownKey(key)]);
}

/**
 * The values that identify a provider key and its name. The forms about a provider key send a hash of them, so that a
 * form on an old page does not replace, delete or rename a newer one.
 */
export function describeShownKey({ lastFour, createdAt, name }: ProviderKeySummary): unknown {
  return [lastFour, createdAt.getTime(), name];
}

import { type Form, fieldText } from '../read-form.js';

/**
 * A group of radio buttons, one of which belongs to a field for a text. The form has hidden fields with the values that
 * the page showed: `shown_` and the name.
 */
interface TypedChoice {
  /** The name of the radio buttons. */
  readonly radio: string;
  /** The value of the radio button that belongs to the field. */
  readonly own: string;
  /** The name of the field. */
  readonly text: string;
}

export const typedEnd: TypedChoice = { radio: 'expires_in', own: 'date', text: 'expires_on' };
export const typedAmount: TypedChoice = { radio: 'max_cost_usd', own: 'other', text: 'other_max_cost_usd' };

/**
 * The radio button that counts. A text that the owner typed is never ignored: it counts, if the radio buttons are still
 * as the page showed them.
 * @returns undefined when the owner typed a text and selected another radio button too, so that the choice is unclear
 */
export function resolveTyped(form: Form, { radio, own, text }: TypedChoice): string | undefined {
  const chosen = fieldText(form, radio);
  const typed = fieldText(form, text);
  if (chosen === own || typed === '' || typed === fieldText(form, `shown_${text}`)) return chosen;
  // A page of the previous release has no such hidden field.
  const shown = form[`shown_${radio}`] ?? chosen;
  return chosen === shown ? own : undefined;
}

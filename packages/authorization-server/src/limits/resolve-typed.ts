import { type Form, fieldText } from '../read-form.js';
import type { ChosenExpiry } from './read-expiry.js';

/**
 * A group of radio buttons. One of the buttons means: the value that the owner types into the text field beside it.
 * Hidden fields contain the values that the group and the text field had when the page was shown. The name of a hidden
 * field is `shown_` and the name of the group or of the text field.
 */
interface TypedChoice {
  /** The name of the radio buttons. */
  readonly radio: string;
  /** The value of the radio button that belongs to the text field. */
  readonly own: string;
  /** The name of the text field. */
  readonly text: string;
}

const typedEnd: TypedChoice = { radio: 'expires_in', own: 'date', text: 'expires_on' };
export const typedAmount: TypedChoice = { radio: 'max_cost_usd', own: 'other', text: 'other_max_cost_usd' };

/**
 * Returns the value of the radio button that counts. An owner may type a text and forget to select its radio button.
 * The text then counts, if the owner did not select another radio button.
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

/**
 * The end that an owner chose. If the owner typed a date and selected another end, that end counts: the date was hidden
 * when the owner selected it. Then the date is left out, so that the page does not show it again.
 */
export function readChosenEnd(form: Form): ChosenExpiry {
  const { radio, own, text } = typedEnd;
  const expiresIn = resolveTyped(form, typedEnd) ?? fieldText(form, radio);
  return { expiresIn, expiresOn: expiresIn === own ? fieldText(form, text) : '' };
}

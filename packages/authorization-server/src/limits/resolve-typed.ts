import { type Form, fieldText } from '../read-form.js';
import type { ChosenExpiry } from './read-expiry.js';

/**
 * A group of radio buttons, one of which selects the value in a text field beside it. The hidden field `shown_<text>`
 * has the text that the page showed.
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
 * Returns the value of the radio button that counts.
 * @returns undefined when the owner typed a text while another radio button is selected. Without the page's script, the
 *          owner may have forgotten to select the button of the text, or may have selected the other button after
 *          typing. The page has to ask, because one of the two can allow more than the owner means
 */
export function resolveTyped(form: Form, { radio, own, text }: TypedChoice): string | undefined {
  const typed = fieldText(form, text);
  if (typed === '' || typed === fieldText(form, `shown_${text}`)) return fieldText(form, radio);
  return form[radio] === undefined || form[radio] === own ? own : undefined;
}

/**
 * The end that an owner chose. If none is chosen, or the choice is unclear, `expiresIn` is empty, and the typed date is
 * kept so that the page can show it again.
 */
export function readChosenEnd(form: Form): ChosenExpiry {
  const { own, text } = typedEnd;
  const expiresIn = resolveTyped(form, typedEnd) ?? '';
  return { expiresIn, expiresOn: expiresIn === own || expiresIn === '' ? fieldText(form, text) : '' };
}

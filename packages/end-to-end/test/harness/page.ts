import { type HTMLElement, parse } from 'node-html-parser';

/** The owner's changes to a form before they press its button. */
export interface FormChanges {
  /** Values, by the control's name. */
  readonly fill?: Readonly<Record<string, string>>;
  /** Values of checkboxes to tick. */
  readonly tick?: readonly string[];
  /** Values of checkboxes to clear. */
  readonly untick?: readonly string[];
  /** A text near the button, if several buttons have the same label. */
  readonly near?: string;
}

export interface FilledForm {
  readonly action: URL;
  readonly body: URLSearchParams;
}

/** A page as the server sent it, read as by a browser without scripts. */
export class Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly document: HTMLElement;

  constructor(url: URL, response: { readonly status: number; readonly headers: Headers }, html: string) {
    this.url = url;
    this.status = response.status;
    this.headers = response.headers;
    this.html = html;
    this.document = parse(html);
  }

  /** All its text, with single spaces between the words. */
  get text(): string {
    return (this.document.querySelector('body') ?? this.document).structuredText.replace(/\s+/g, ' ').trim();
  }

  /**
   * The form of a button, as the browser would send it when the button is pressed.
   * @throws if no button has this label, or if buttons of several forms have it and `near` does not select one form
   */
  fillForm(button: string, changes: FormChanges = {}): FilledForm {
    const { fill = {}, near } = changes;
    const pressed = this.#findButton(button, near);
    const form = pressed.closest('form');
    if (form === null) throw new Error(`the button "${button}" is in no form`);
    const body = new URLSearchParams();
    const named = new Set<string>();
    for (const control of form.querySelectorAll('input, select, textarea')) {
      const name = control.getAttribute('name');
      if (name === undefined || control.hasAttribute('disabled')) continue;
      named.add(name);
      for (const value of readValues(control, fill[name], changes)) body.append(name, value);
    }
    for (const name of Object.keys(fill)) if (!named.has(name)) throw new Error(`the form has no control "${name}"`);
    const buttonName = pressed.getAttribute('name');
    if (buttonName !== undefined) body.append(buttonName, pressed.getAttribute('value') ?? '');
    const action = pressed.getAttribute('formaction') ?? form.getAttribute('action') ?? this.url.href;
    return { action: new URL(action, this.url), body };
  }

  /** The values of the checkboxes of one name, with whether they are ticked. */
  checkboxes(name: string): ReadonlyMap<string, boolean> {
    const boxes = this.document.querySelectorAll(`input[type=checkbox][name="${name}"]`);
    return new Map(boxes.map((box) => [box.getAttribute('value') ?? 'on', box.hasAttribute('checked')]));
  }

  #findButton(words: string, near: string | undefined): HTMLElement {
    const all = this.document.querySelectorAll('button');
    const named = all.filter((button) => button.text.trim() === words);
    // The button for consent also says how much it allows, "Allow up to $5.00", or what to select first.
    const isMeant = (button: HTMLElement) =>
      button.text.trim().startsWith(`${words} `) || (words === 'Allow' && button.getAttribute('value') === 'allow');
    const buttons = named.length > 0 ? named : all.filter(isMeant);
    const nearby = near === undefined ? buttons : buttons.filter((button) => surroundings(button).includes(near));
    const [first, ...others] = nearby;
    if (first !== undefined && (others.length === 0 || sameForm(nearby))) return first;
    throw new Error(`${nearby.length} buttons "${words}"${near ? ` near "${near}"` : ''} on the page: ${this.text}`);
  }
}

/** The text of the list item around a button, or else of the article, table row or section around it. */
function surroundings(button: HTMLElement): string {
  const item = button.closest('li') ?? button.closest('article') ?? button.closest('tr') ?? button.closest('section');
  return item?.text ?? '';
}

function sameForm(buttons: readonly HTMLElement[]): boolean {
  return new Set(buttons.map((button) => button.closest('form'))).size === 1;
}

function readValues(
  control: HTMLElement,
  filled: string | undefined,
  { tick = [], untick = [] }: FormChanges,
): readonly string[] {
  const value = control.getAttribute('value');
  if (control.tagName === 'SELECT') {
    const options = control.querySelectorAll('option');
    const chosen = options.find((option) => option.hasAttribute('selected')) ?? options[0];
    return [filled ?? chosen?.getAttribute('value') ?? chosen?.text ?? ''];
  }
  if (control.tagName === 'TEXTAREA') return [filled ?? control.text];
  switch (control.getAttribute('type')) {
    case 'checkbox': {
      const ticked = value ?? 'on';
      const isTicked = control.hasAttribute('checked') || tick.includes(ticked);
      return isTicked && !untick.includes(ticked) ? [ticked] : [];
    }
    case 'radio':
      return (filled === undefined ? control.hasAttribute('checked') : filled === value) ? [value ?? 'on'] : [];
    case 'submit':
    case 'button':
      return [];
    default:
      return [filled ?? value ?? ''];
  }
}

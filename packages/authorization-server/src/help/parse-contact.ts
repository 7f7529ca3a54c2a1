/** Where owners reach the operator: an e-mail address, or a page. */
export interface OperatorContact {
  readonly text: string;
  readonly href: string;
}

/** Reads the operator's contact from an environment variable. `form` describes a valid contact in error messages. */
export const contact = {
  form: 'an email address or an `https://` URL',
  parse: (value: string): OperatorContact => {
    const text = value.trim();
    if (/^[\x21-\x7e]+@[a-z0-9.-]+$/i.test(text) && !/[<>"?&#%]/.test(text)) return { text, href: `mailto:${text}` };
    if (URL.canParse(text) && new URL(text).protocol === 'https:') return { text, href: new URL(text).href };
    throw new Error(`must be ${contact.form}`);
  },
};

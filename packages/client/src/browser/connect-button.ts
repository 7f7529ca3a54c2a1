/** The button has its own colours in both colour schemes. The contrast of its text is 7:1 or more. */
const style = `
  :host { display: inline-block; }
  :host([hidden]) { display: none; }
  button {
    display: inline-flex; align-items: center; justify-content: center; gap: 0.625rem;
    min-height: 44px; min-width: 44px; max-width: 100%; padding: 0.625rem 1.25rem;
    font: inherit; font-weight: 600; line-height: 1.25; text-align: start;
    color: #fff; background: #1f2937; border: 1px solid #1f2937; border-radius: 0.625rem; cursor: pointer;
  }
  button:hover { background: #374151; }
  button:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
  button:disabled { cursor: progress; opacity: 0.75; }
  svg { flex: none; width: 1.25em; height: 1.25em; }
  @media (prefers-color-scheme: dark) {
    button { color: #111827; background: #f9fafb; border-color: #f9fafb; }
    button:hover { background: #e5e7eb; }
    button:focus-visible { outline-color: #93c5fd; }
  }
  @media (forced-colors: active) { button { border-color: ButtonText; } }
`;

/** A plug. It is only decoration, so screen readers skip it. */
const picture = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
  stroke-linejoin="round" aria-hidden="true"><path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/></svg>`;

/**
 * Defines the element `<connect-your-ai>`: a button with the words “Connect your AI”, or with the element's own
 * content. A click on the button is a click on the element. `disabled` is an attribute, as on a button.
 */
export function defineConnectButton(name = 'connect-your-ai'): void {
  if (customElements.get(name) !== undefined) return;
  // The class is defined here, because a server that renders pages has no HTMLElement.
  class ConnectButton extends HTMLElement {
    static readonly observedAttributes = ['disabled'];
    readonly #button: HTMLButtonElement;

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
      // Unlike a `style` element, this works under a content security policy that allows no inline styles.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      this.#button = document.createElement('button');
      this.#button.type = 'button';
      this.#button.innerHTML = `${picture}<span><slot>Connect your AI</slot></span>`;
      root.append(this.#button);
    }

    attributeChangedCallback(): void {
      this.#button.disabled = this.hasAttribute('disabled');
    }
  }
  customElements.define(name, ConnectButton);
}

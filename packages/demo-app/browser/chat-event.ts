/** An event that the server sends to the chat page. Each event is one line of JSON. */
export type ChatEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal'; readonly explanation: Explanation; readonly accessEnded: boolean }
  | { readonly kind: 'limits'; readonly limits: readonly LimitLine[] };

/** A refusal in words that a person can act on. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
  readonly link?: { readonly label: string; readonly href: string };
}

/** One line of "What is left". */
export interface LimitLine {
  readonly name: LimitName;
  readonly label: string;
  readonly value: string;
}

export type LimitName = 'requests' | 'money' | 'pace' | 'until';

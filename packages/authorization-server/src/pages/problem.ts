import type { FixedId, Message } from '../texts/texts.js';

export interface Problem {
  /** The `id` of the control to correct; undefined when the problem belongs to no single control. */
  readonly field: string | undefined;
  readonly message: Message;
  /** The name of the control, if the message does not name it. */
  readonly label?: FixedId;
  /** Whether nothing is wrong: the form needs one more thing, such as the password. */
  readonly isQuestion?: boolean;
}

import type { ComponentChildren } from 'preact';

export interface DangerFormProps {
  readonly action: string;
  readonly csrfToken: string;
  /** The `id` of the element that says what the button is about. */
  readonly describedBy: string;
  /** The text of the button. */
  readonly children: ComponentChildren;
}

/** A form with nothing but a button, which ends or removes one entry of a list. */
export function DangerForm({ action, csrfToken, describedBy, children }: DangerFormProps) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <button type="submit" class="danger" aria-describedby={describedBy}>
        {children}
      </button>
    </form>
  );
}

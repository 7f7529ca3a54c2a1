import type { ComponentChildren } from 'preact';

interface CarryButtonProps {
  /** The `id` of the form whose fields are sent along. */
  readonly form: string;
  /** The path of the page to open. */
  readonly to: string;
  /** The result of `issueCarryEmailToken`. */
  readonly token: string;
  readonly children?: ComponentChildren;
}

/**
 * A button that looks like a link to another page for visitors. It sends the typed e-mail address to that page in the
 * body of the request, because logs and browser histories contain URLs.
 */
export function CarryButton({ form, to, token, children }: CarryButtonProps) {
  return (
    <button type="submit" form={form} formAction={to} formNoValidate name="carry" value={token} class="link-button">
      {children}
    </button>
  );
}

import type { ComponentChildren } from 'preact';

interface AppHeadProps {
  /** The path of the app's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly children: ComponentChildren;
}

/**
 * The name of an app beside its logo. The logo has no text of its own, because the name says the same. The logo's size
 * is fixed, so that nothing moves when the logo arrives.
 */
export function AppHead({ logo, children }: AppHeadProps) {
  if (logo === undefined) return <div>{children}</div>;
  return (
    <div class="app-head">
      <img class="logo" src={logo} alt="" width={48} height={48} />
      <div>{children}</div>
    </div>
  );
}

import type { ComponentChildren } from 'preact';

interface LayoutProps {
  readonly title: string;
  /** The page's own script. Pages that have none work without scripts. */
  readonly script?: { readonly path: string; readonly nonce: string };
  /** Controls at the right of the header. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame of every page. */
export function Layout({ title, script, actions, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/pico.css" />
        <link rel="stylesheet" href="/assets/app.css" />
        {script === undefined ? null : <script type="module" src={script.path} nonce={script.nonce} />}
      </head>
      <body>
        <header class="top">
          <div class="container bar">
            <a class="brand" href="/">
              <span class="mark" aria-hidden="true" />
              Demo Chat
            </a>
            {actions}
          </div>
        </header>
        <main class="container">{children}</main>
      </body>
    </html>
  );
}

import type { ComponentChildren } from 'preact';

/** Shows a text of an OpenAPI document. The only Markdown that it supports is paragraphs and `code`. */
export function Markdown({ children }: { readonly children: string }) {
  return (
    <>
      {children.split(/\n\s*\n/).map((paragraph) => (
        <p key={paragraph}>
          <InlineMarkdown>{paragraph}</InlineMarkdown>
        </p>
      ))}
    </>
  );
}

export function InlineMarkdown({ children }: { readonly children: string }) {
  const parts: readonly ComponentChildren[] = children
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <code key={`${index}`}>{part}</code> : part));
  return <>{parts}</>;
}

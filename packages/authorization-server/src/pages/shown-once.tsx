import type { ComponentChildren } from 'preact';
import type { FixedId } from '../texts/texts.js';
import { CopyButtons } from './copy-buttons.js';
import { useTexts } from './text.js';

interface ShownOnceProps {
  readonly id: string;
  readonly text: FixedId;
  readonly note: FixedId;
  /** SECRET */
  readonly secret: string;
  readonly rows: number;
  readonly children?: ComponentChildren;
}

/** A new secret, which no page shows again. Its page needs the script `copy`. */
export function ShownOnce({ id, text, note, secret, rows, children }: ShownOnceProps) {
  const texts = useTexts();
  return (
    <article class="new-link">
      <label for={id}>{texts(text)}</label>
      <textarea id={id} rows={rows} readOnly spellcheck={false} aria-describedby={`${id}-note`} value={secret} />
      <small id={`${id}-note`}>{texts(note)}</small>
      <CopyButtons of={id} />
      {children}
    </article>
  );
}

import { useTexts } from './text.js';

interface CopyButtonsProps {
  /** The `id` of the element whose text is copied. */
  readonly of: string;
  /** The name of a file with the text. If it is given, the text can also be saved and printed. */
  readonly file?: string;
}

/** Buttons that need the script `copy`. They cannot be seen without it. */
export function CopyButtons({ of, file }: CopyButtonsProps) {
  const texts = useTexts();
  return (
    <div class="copy" data-copy={of}>
      <button type="button" class="secondary outline" data-act="copy">
        {texts('common.copy')}
      </button>
      {file !== undefined && (
        <>
          <a role="button" class="secondary outline" href={`#${of}`} download={file}>
            {texts('common.saveFile')}
          </a>
          <button type="button" class="secondary outline" data-act="print">
            {texts('common.print')}
          </button>
        </>
      )}
      <span role="status" data-copied={texts('common.copied')} data-failed={texts('common.notCopied')} />
    </div>
  );
}

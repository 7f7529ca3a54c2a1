import { useTexts } from './text.js';

/** The buttons of a form that exports events. Each sends a format. */
export function ExportButtons() {
  const texts = useTexts();
  return (
    <div class="button-row export-buttons">
      <button type="submit" name="format" value="csv">
        {texts('events.exportCsv')}
      </button>
      <button type="submit" name="format" value="json" class="secondary">
        {texts('events.exportJson')}
      </button>
    </div>
  );
}

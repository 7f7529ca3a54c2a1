import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface LifetimeFieldsProps {
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly fields: ChosenExpiry;
  readonly problems: readonly Problem[];
}

export function LifetimeFields({ lifetimes, days, fields, problems }: LifetimeFieldsProps) {
  const texts = useTexts();
  const { firstDay, lastDay, timeZone } = days;
  return (
    <fieldset class="lifetime" id="lifetime">
      <legend>{texts('limits.accessEnds')}</legend>
      {lifetimes.map(({ value, text }) => (
        <label key={value}>
          <input type="radio" name="expires_in" value={value} checked={fields.expiresIn === value} required />
          {text}
        </label>
      ))}
      {lastDay >= firstDay && (
        <div class="until-date">
          <label>
            <input type="radio" name="expires_in" value="date" checked={fields.expiresIn === 'date'} required />
            {texts('limits.onDate', { timeZone })}
          </label>
          <input
            id="expires_on"
            name="expires_on"
            type="date"
            aria-label={texts('limits.date')}
            min={firstDay}
            max={lastDay}
            value={fields.expiresOn}
            {...invalidity(problems, 'expires_on')}
          />
        </div>
      )}
      <FieldProblem problems={problems} field="expires_on" />
    </fieldset>
  );
}
